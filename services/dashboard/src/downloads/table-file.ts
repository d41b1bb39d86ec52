import { writeWorkbook } from "@ingot/engine/xlsx";
import { csvOf } from "./csv.ts";
import { jsonOf } from "./json.ts";
import type { Table } from "./table.ts";

/** The forms in which a table is handed out, as the endings of addresses name them. */
export const TABLE_FORMATS = ["csv", "json", "xlsx"] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

export interface CsvOptions {
  /** Leaves texts as they are, also those that a spreadsheet would take for a formula. */
  raw: boolean;
  /** Puts a byte order mark in front. */
  bom: boolean;
}

export interface FileOptions extends CsvOptions {
  /** ISO 4217. */
  currency: string;
}

const BOM = "\uFEFF";

/**
 * A table as a file. As CSV and JSON the same table is always the same bytes; an Excel file has the time in it.
 *
 * @throws IngotError `too_many_rows`, `query_timeout` for an Excel file
 */
export async function tableFile(
  table: Table,
  format: TableFormat,
  { raw, bom, currency }: FileOptions,
  { timeoutMs }: { timeoutMs: number },
): Promise<Buffer> {
  switch (format) {
    case "csv":
      return marked(Buffer.from(csvOf(table, raw)), bom);
    case "json":
      return Buffer.from(jsonOf(table));
    case "xlsx":
      return await writeWorkbook([table], { currency, timeoutMs });
  }
}

/** @param bom whether a byte order mark is to stand in front */
export function marked(csv: Buffer, bom: boolean): Buffer {
  return bom ? Buffer.concat([Buffer.from(BOM), csv]) : csv;
}
