import type { Sheet, SheetColumn } from "./workbook.ts";

/** What the thread of a workbook is started with. */
export interface ThreadData {
  sheets: { name: string; columns: readonly SheetColumn[] }[];
  currency: string;
}

/** Some rows more of a sheet; or `"end"`, which is answered with the file's bytes. */
export type ThreadRequest = { sheet: number; rows: Sheet["rows"] } | "end";
