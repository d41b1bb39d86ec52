import { parentPort, workerData } from "node:worker_threads";
import writeExcelFile from "write-excel-file/node";
import { sheetFeatures } from "./sheet-features.ts";
import { SheetLayout } from "./sheet-layout.ts";
import { legalSheetNames } from "./sheet-names.ts";
import type { ThreadData, ThreadRequest } from "./thread-messages.ts";

/** A thread of its own for one workbook. What it throws reaches the one who asked. */
const { sheets, moneyFormat } = workerData as ThreadData;
const port = parentPort!;
const names = legalSheetNames(sheets.map(({ name }) => name));
const layouts = sheets.map((sheet) => new SheetLayout(sheet, moneyFormat));

async function end(): Promise<void> {
  const laidOut = layouts.map((layout, at) => {
    const { hasFilter = false, title } = sheets[at]!;
    const hasStickyHeader = layout.stickyRows > 0;
    return { ...layout.end(), name: names[at]!, hasFilter, isReport: title !== undefined, hasStickyHeader };
  });
  const written = layouts.map((layout, at) => ({
    sheet: names[at]!,
    data: layout.rows,
    columns: layout.widths.map((width) => ({ width })),
    stickyRowsCount: layout.stickyRows,
    showGridLines: sheets[at]!.title === undefined,
  }));
  const file = await writeExcelFile(written, {
    ...{ fontFamily: "Calibri", fontSize: 11 },
    features: [sheetFeatures(laidOut)],
  }).toBuffer();
  // Memory that is shared with other buffers cannot be handed over.
  const bytes = new Uint8Array(file);
  port.postMessage(bytes, [bytes.buffer]);
  port.close();
}

port.on("message", (request: ThreadRequest) => {
  if (request === "end") void end();
  else layouts[request.sheet]!.add(request.rows);
});
