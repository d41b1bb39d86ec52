import { IngotError } from "@ingot/common";

/** One sheet, its values printed as gold prints them: nothing for a value that is absent. */
export interface Sheet {
  /** Made legal where spreadsheets do not allow it, and unique in its workbook. */
  name: string;
  columns: readonly SheetColumn[];
  rows: readonly (readonly string[])[];
}

export interface SheetColumn {
  /** Its header. */
  name: string;
  type: SheetColumnType;
}

/** The types of gold's columns. What a type does not fit stays text. */
export type SheetColumnType = "text" | "date" | "integer" | "number" | "money" | "quantity";

/** A sheet has no more rows, its header left out. */
const MOST_ROWS = 1_048_576 - 1;

/** @throws IngotError `too_many_rows` where an Excel sheet has no room for so many rows */
export function checkSheetRows(rows: number): void {
  if (rows <= MOST_ROWS) return;
  const message = `An Excel sheet has room for ${MOST_ROWS} rows, and this has ${rows}. Take the CSV, or ask for fewer rows.`;
  throw new IngotError("too_many_rows", message);
}
