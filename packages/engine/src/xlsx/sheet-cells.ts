import type { Cell } from "write-excel-file/node";
import { isPrintedNumber } from "../printed-number.ts";
import { cellText } from "./cell-text.ts";
import type { SheetColumn, SheetColumnType } from "./workbook.ts";

/** Spreadsheets calculate with so many digits. */
const MOST_DIGITS = 15;

/** Sheets have no earlier days, and take 1900 for a leap year. */
const FIRST_DAY = "1900-03-01";
const DAY = /^\d{4}-\d\d-\d\d$/;

const WHOLE = "#,##0";

const MEASURED_ROWS = 200;
const WIDTHS = { least: 10, most: 60 };

const isFigure = (type: SheetColumnType): boolean => type !== "text" && type !== "date";

export function headerCells(columns: readonly SheetColumn[]): Cell[] {
  return columns.map(({ name, type }) => ({
    value: cellText(name),
    type: String,
    fontWeight: "bold",
    ...(isFigure(type) ? { align: "right" } : {}),
  }));
}

/**
 * Numbers as numbers, days as days, and texts as texts whatever they begin with.
 *
 * @param moneyFormat how amounts are shown
 */
export function rowCells(
  row: readonly string[],
  columns: readonly SheetColumn[],
  moneyFormat: string,
): (Cell | null)[] {
  return columns.map(({ type }, at) => {
    const value = row[at]!;
    if (value === "") return null;
    if (isFigure(type) && isPrintedNumber(value) && isKept(value, type)) {
      return { value: Number(value), type: Number, ...formatOf(value, type, moneyFormat) };
    }
    const day = type === "date" ? dayOf(value) : undefined;
    if (day) return { value: day, type: Date, format: "yyyy\\-mm\\-dd" };
    return { value: cellText(value), type: String };
  });
}

/** @param currency ISO 4217 */
export function moneyFormatOf(currency: string): string {
  return `${WHOLE}.00\\ [$${currency}]`;
}

function formatOf(value: string, type: SheetColumnType, moneyFormat: string): { format?: string } {
  if (type === "number") return {};
  if (type === "money") return { format: moneyFormat };
  // Decimals that may be absent leave their point behind: 12 would be `12.`.
  return { format: type === "quantity" && value.includes(".") ? `${WHOLE}.####` : WHOLE };
}

/** True where spreadsheets keep a number as it is printed. Fractions of type `number` are rounded already. */
function isKept(value: string, type: SheetColumnType): boolean {
  if (type === "number" && /[.eE]/.test(value)) return Number.isFinite(Number(value));
  const [mantissa = ""] = value.split(/[eE]/);
  const digits = mantissa.replace(/[-.]/g, "").replace(/^0+|0+$/g, "");
  return digits.length <= MOST_DIGITS && Number.isFinite(Number(value));
}

/** `undefined` for what is no day, or one that sheets do not have. */
function dayOf(text: string): Date | undefined {
  if (!DAY.test(text) || text < FIRST_DAY) return undefined;
  const date = new Date(text);
  // The 30th of February is read as the 1st of March.
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  return isReal ? date : undefined;
}

/** In characters, by the first rows. */
export function columnWidths(
  columns: readonly SheetColumn[],
  rows: readonly (readonly string[])[],
): number[] {
  const measured = rows.slice(0, MEASURED_ROWS);
  return columns.map(({ name, type }, at) => {
    const longest = Math.max(name.length, ...measured.map((row) => row[at]!.length));
    // Amounts are shown with separators and their currency.
    const shown = type === "money" ? longest + 8 : longest + 2;
    return Math.min(WIDTHS.most, Math.max(WIDTHS.least, shown));
  });
}
