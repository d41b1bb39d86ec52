import { csvLine } from "@ingot/engine";
import { isNumber, type Table, type TableColumn } from "./table.ts";

/**
 * What makes spreadsheets take a text for a formula: a sign at its beginning, its full-width variants included, or after
 * what a spreadsheet of another country, or one that was told so, takes for the end of a cell.
 */
const FORMULA = /(?<=^|[;\t\r\n|])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])/g;

/** Makes a text harmless in spreadsheets: they show what follows a leading `'` as it is. */
export function withoutFormula(text: string): string {
  return text.replace(FORMULA, "'");
}

/** @param isRaw leaves texts as they are, also those that a spreadsheet would take for a formula */
export function csvOf(table: Table, isRaw: boolean): string {
  const header = table.columns.map(({ name }) => (isRaw ? name : withoutFormula(name)));
  return csvLine(header) + csvRows(table, isRaw);
}

/** The same without the header. */
export function csvRows({ columns, rows }: Pick<Table, "columns" | "rows">, isRaw: boolean): string {
  return (isRaw ? rows.map(csvLine) : rows.map((row) => csvLine(harmless(row, columns)))).join("");
}

/** True where nothing in a table would be taken for a formula. */
export function isHarmless({ columns, rows }: Table): boolean {
  const isSame = (text: string): boolean => withoutFormula(text) === text;
  if (!columns.every(({ name }) => isSame(name))) return false;
  return rows.every((row) => row.every((value, at) => isNumber(value, columns[at]!.type) || isSame(value)));
}

function harmless(row: readonly string[], columns: readonly TableColumn[]): string[] {
  return row.map((value, at) => (isNumber(value, columns[at]!.type) ? value : withoutFormula(value)));
}
