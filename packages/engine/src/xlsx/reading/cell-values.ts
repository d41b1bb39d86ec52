/** How the numbers of a workbook's cells are to be read. */
export interface NumberStyles {
  /** For each of the styles that cells name: is a number of it a date? */
  isDate: readonly boolean[];
  /** Days count from 1904 on, as old Macintosh workbooks have it. */
  is1904: boolean;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const WHOLE = /^-?\d+$/;

/**
 * A number as people wrote it. Spreadsheets store the double that is nearest to it, with up to 17 digits, such as
 * 24.199999999999999 for 24.2: the shortest number with the same double is the one that was meant. Whole numbers keep all their
 * digits. What is no number stays as it is.
 */
export function numberText(stored: string): string {
  const text = stored.trim();
  if (!NUMBER.test(text) || WHOLE.test(text)) return text;
  const value = Number(text);
  return Number.isFinite(value) ? withoutExponent(value) : text;
}

function withoutExponent(value: number): string {
  const [mantissa = "", exponent] = String(value).split("e");
  if (exponent === undefined) return mantissa === "-0" ? "0" : mantissa;
  const sign = mantissa.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0")}`;
}

const DAY_MS = 86_400_000;
/** 1970-01-01. */
const FIRST_DAY = 25_569;
const DAYS_TO_1904 = 1462;
/** Spreadsheets take 1900 for a leap year; this is the day that was none. */
const NO_DAY = 60;

/** A day, an instant, or a time of day, in ISO 8601 without a zone; the number itself where it is none. */
export function dateText(stored: string, is1904: boolean): string {
  const serial = Number(stored);
  if (stored.trim() === "" || !(serial >= 0)) return numberText(stored);
  if (serial < 1 && !is1904) return new Date(Math.round(serial * DAY_MS)).toISOString().slice(11, 19);
  const days = is1904 ? serial + DAYS_TO_1904 : serial < NO_DAY ? serial + 1 : serial;
  const date = new Date(Math.round((days - FIRST_DAY) * DAY_MS));
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999) return numberText(stored);
  return withoutMidnight(date.toISOString().replace(/(?:\.000)?Z$/, ""));
}

export const withoutMidnight = (text: string): string => text.replace(/T00:00(?::00(?:\.0+)?)?Z?$/, "");

/** Formats that every workbook has and none declares. */
const DATE_FORMATS: readonly (readonly [first: number, last: number])[] = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
];

/** @param code of a format that the workbook declares itself */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return DATE_FORMATS.some(([first, last]) => id >= first && id <= last);
  const [positive = ""] = code.split(";");
  // Texts, escaped characters, and colours or currencies in brackets are no parts of a date; `[h]` counts hours.
  const parts = positive.replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, "");
  return !/general/i.test(parts) && /[ymdhs]/i.test(parts);
}

/** A text of a cell: spreadsheets write characters that XML cannot carry as codes. */
export function textOf(stored: string): string {
  if (!stored.includes("_x")) return stored;
  return stored.replace(/_x([0-9a-f]{4})_/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}
