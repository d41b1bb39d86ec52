import { IngotError } from "@ingot/common";

/** A table of a sheet, its values printed as gold prints them: nothing for a value that is absent. */
export interface SheetTable {
  columns: readonly SheetColumn[];
  rows: readonly SheetRow[];
  /** The last row, set off from the others. */
  totals?: SheetRow;
}

/** A sheet's values by column. */
export type SheetRow = readonly SheetCell[];

/** A value of its column's type, or of a type of its own. */
export type SheetCell = string | { value: string; type: SheetColumnType };

/** One sheet. With a title it is a report that people read: its headers are coloured, and it prints on the width of a page. */
export interface Sheet extends SheetTable {
  /** Made legal where spreadsheets do not allow it, and unique in its workbook. */
  name: string;
  /** In large letters above everything. */
  title?: string;
  /** What a reader has to know, a line each, under the title. */
  notes?: readonly string[];
  /** The header has buttons that filter and sort the rows. */
  hasFilter?: boolean;
  /** More tables under the first one, each under a title of its own. Such a sheet's header does not stay in sight. */
  below?: readonly (SheetTable & { title: string })[];
  /** Under everything else, a line each. */
  footnotes?: readonly string[];
}

export interface SheetColumn {
  /** Its header. */
  name: string;
  type: SheetColumnType;
  /** Decimals that a `number` or `percent` is shown with; all that it has where it is absent. */
  decimals?: number;
}

/** The types of gold's columns, and `percent`: 0.5 for a half. What a type does not fit stays text. */
export type SheetColumnType = "text" | "date" | "integer" | "number" | "percent" | "money" | "quantity";

/** A sheet has no more rows, its header left out. */
const MOST_ROWS = 1_048_576 - 1;

/** @throws IngotError `too_many_rows` where an Excel sheet has no room for so many rows */
export function checkSheetRows(rows: number): void {
  if (rows <= MOST_ROWS) return;
  const message = `An Excel sheet has room for ${MOST_ROWS} rows, and this has ${rows}. Take the CSV, or ask for fewer rows.`;
  throw new IngotError("too_many_rows", message);
}
