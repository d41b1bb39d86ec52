import { daysInMonth } from "./civil-time.ts";

const ISO_BYTES = 10;
const DASH = 0x2d;
const ZERO = 0x30;

/** A time behind a date: of its day, and so of no importance; but no other text may stand there. */
const TIME =
  "(?:[T ,]+\\d{1,2}[:hH.]\\d{2}(?:[:.]\\d{2}(?:[.,]\\d+)?)?(?: ?[AaPp]\\.?[Mm]\\.?)?(?: ?(?:Z|z|UTC|[+-]\\d{2}:?\\d{2}))?)?";
const YEAR_FIRST = new RegExp(`^(\\d{4})([-/.]?)(\\d{1,2})\\2(\\d{1,2})${TIME}$`);
const DAY_FIRST = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4}|\\d{2})${TIME}$`);

/** Years of two digits below it are of this century. */
const FIRST_OF_LAST_CENTURY = 70;

/**
 * The day of a date as people and programs write it, `yyyy-MM-dd`: `2023-05-27`, `2023/5/27`, `20230527`, and with the
 * day first `27/05/2023`, `27.5.2023`, `27-05-23`; a time behind it is passed over, in whatever zone. `undefined` for
 * what is no date, and for one that no calendar has.
 */
export function writtenDate(text: string): string | undefined {
  return isIsoDate(text) ? text : anyDate(text.trim());
}

/** True for the dates that nearly all files have. */
function isIsoDate(text: string): boolean {
  if (text.length !== ISO_BYTES || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  // NaN is greater than nothing.
  return year > 0 && isInYear(year, month, day);
}

function digits(text: string, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

const isInYear = (year: number, month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);

function anyDate(text: string): string | undefined {
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst) {
    const [, year, separator, month, day] = yearFirst;
    // Without separators, all digits have to be there.
    if (separator === "" && (month!.length !== 2 || day!.length !== 2)) return undefined;
    return isoDate(Number(year), Number(month), Number(day));
  }
  const dayFirst = DAY_FIRST.exec(text);
  if (!dayFirst) return undefined;
  const [, day, , month, year] = dayFirst;
  return isoDate(wholeYear(year!), Number(month), Number(day));
}

function wholeYear(year: string): number {
  if (year.length === 4) return Number(year);
  return Number(year) + (Number(year) < FIRST_OF_LAST_CENTURY ? 2000 : 1900);
}

function isoDate(year: number, month: number, day: number): string | undefined {
  if (year < 1 || !isInYear(year, month, day)) return undefined;
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}
