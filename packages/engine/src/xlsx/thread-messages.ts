import type { Sheet } from "./workbook.ts";

/** What the thread of a workbook is started with. */
export interface ThreadData {
  /** The rows follow. */
  sheets: Omit<Sheet, "rows">[];
  moneyFormat: string;
}

/** Some rows more of a sheet; or `"end"`, which is answered with the file's bytes. */
export type ThreadRequest = { sheet: number; rows: Sheet["rows"] } | "end";
