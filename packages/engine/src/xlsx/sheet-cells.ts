import type { CellObject } from "write-excel-file/node";
import { isPrintedNumber } from "../printed-number.ts";
import { cellText } from "./cell-text.ts";
import type { SheetCell, SheetColumn, SheetColumnType, SheetRow } from "./workbook.ts";

/** Spreadsheets calculate with so many digits. */
const MOST_DIGITS = 15;

/** Sheets have no earlier days, and take 1900 for a leap year. */
const FIRST_DAY = "1900-03-01";
const DAY = /^\d{4}-\d\d-\d\d$/;

const WHOLE = "#,##0";

const MEASURED_ROWS = 200;
const WIDTHS = { least: 10, most: 60 };

/** How a cell looks, whatever it holds. */
export type CellLook = Pick<
  CellObject,
  | "fontWeight"
  | "fontStyle"
  | "fontSize"
  | "textColor"
  | "backgroundColor"
  | "topBorderStyle"
  | "topBorderColor"
  | "height"
  | "alignVertical"
>;

export const isFigure = (type: SheetColumnType): boolean => type !== "text" && type !== "date";

export function headerCells(columns: readonly SheetColumn[], look: CellLook = {}): CellObject[] {
  return columns.map(({ name, type }) => ({
    value: cellText(name),
    type: String,
    fontWeight: "bold",
    ...(isFigure(type) ? { align: "right" } : {}),
    ...look,
  }));
}

/**
 * Numbers as numbers, days as days, and texts as texts whatever they begin with.
 *
 * @param moneyFormat how amounts are shown
 */
export function rowCells(
  row: SheetRow,
  columns: readonly SheetColumn[],
  moneyFormat: string,
): (CellObject | null)[] {
  return columns.map((column, at) => {
    const cell = row[at]!;
    const { value, type, decimals } =
      typeof cell === "string" ? { ...column, value: cell } : { ...cell, decimals: undefined };
    if (value === "") return null;
    if (isFigure(type) && isPrintedNumber(value) && isKept(value, type)) {
      // What stands in a column of texts would stand on their side.
      const align = isFigure(column.type) ? {} : { align: "right" as const };
      return {
        value: Number(value),
        type: Number,
        ...align,
        ...formatOf(value, { type, decimals }, moneyFormat),
      };
    }
    const day = type === "date" ? dayOf(value) : undefined;
    if (day) return { value: day, type: Date, format: "yyyy\\-mm\\-dd" };
    return { value: cellText(value), type: String };
  });
}

/**
 * @param currency ISO 4217
 * @param display its code, or the symbol that people write
 */
export function moneyFormatOf(currency: string, display: "code" | "symbol" = "code"): string {
  return `${WHOLE}.00\\ [$${display === "code" ? currency : symbolOf(currency)}]`;
}

function symbolOf(currency: string): string {
  const format = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  });
  return format.formatToParts(0).find(({ type }) => type === "currency")?.value ?? currency;
}

function formatOf(
  value: string,
  { type, decimals }: { type: SheetColumnType; decimals: number | undefined },
  moneyFormat: string,
): { format?: string } {
  const places = decimals ? `.${"0".repeat(decimals)}` : "";
  if (type === "percent") return { format: `0${places}%` };
  if (type === "number") return decimals === undefined ? {} : { format: `${WHOLE}${places}` };
  if (type === "money") return { format: moneyFormat };
  // Decimals that may be absent leave their point behind: 12 would be `12.`.
  return { format: type === "quantity" && value.includes(".") ? `${WHOLE}.####` : WHOLE };
}

/** True where spreadsheets keep a number as it is printed. Fractions of type `number` are rounded already. */
function isKept(value: string, type: SheetColumnType): boolean {
  if ((type === "number" || type === "percent") && /[.eE]/.test(value)) return Number.isFinite(Number(value));
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
export function columnWidths(columns: readonly SheetColumn[], rows: readonly SheetRow[]): number[] {
  const measured = rows.slice(0, MEASURED_ROWS);
  return columns.map(({ name, type }, at) => {
    const lengths = measured.map((row) => shownLength(row[at]!, type));
    const shown = Math.max(name.length + 2, ...lengths);
    return Math.min(WIDTHS.most, Math.max(WIDTHS.least, shown));
  });
}

function shownLength(cell: SheetCell, columnType: SheetColumnType): number {
  const { value, type } = typeof cell === "string" ? { value: cell, type: columnType } : cell;
  // Amounts are shown with separators and their currency.
  return value.length + (type === "money" ? 8 : 2);
}
