import { parentPort, workerData } from "node:worker_threads";
import writeExcelFile, { type Sheet as WrittenSheet } from "write-excel-file/node";
import { columnWidths, headerCells, moneyFormatOf, rowCells } from "./sheet-cells.ts";
import { legalSheetNames } from "./sheet-names.ts";
import type { ThreadData, ThreadRequest } from "./thread-messages.ts";

/** A thread of its own for one workbook. What it throws reaches the one who asked. */
const { sheets, currency } = workerData as ThreadData;
const port = parentPort!;
const moneyFormat = moneyFormatOf(currency);
const names = legalSheetNames(sheets.map(({ name }) => name));
const written = sheets.map(({ columns }, at) => ({
  sheet: names[at]!,
  data: [headerCells(columns)],
  columns: columnWidths(columns, []).map((width) => ({ width })),
  stickyRowsCount: 1,
})) satisfies WrittenSheet<never>[];

function add({ sheet: at, rows }: Exclude<ThreadRequest, "end">): void {
  const { columns } = sheets[at]!;
  const sheet = written[at]!;
  if (sheet.data.length === 1) sheet.columns = columnWidths(columns, rows).map((width) => ({ width }));
  for (const row of rows) sheet.data.push(rowCells(row, columns, moneyFormat));
}

async function end(): Promise<void> {
  const file = await writeExcelFile(written, { fontFamily: "Calibri", fontSize: 11 }).toBuffer();
  // Memory that is shared with other buffers cannot be handed over.
  const bytes = new Uint8Array(file);
  port.postMessage(bytes, [bytes.buffer]);
  port.close();
}

port.on("message", (request: ThreadRequest) => {
  if (request === "end") void end();
  else add(request);
});
