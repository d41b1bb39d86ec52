import { type Cells, NUMBER, TEXT, UNUSABLE } from "./cells.ts";

type DateForm = "ISO date" | "year/month/day" | "day-first date" | "month-first date" | "date with dots";

/**
 * What sort of value a field has, in words for people. As fine as a change from one to another is worth knowing about,
 * and no finer.
 */
export type ValueClass =
  | "text"
  | "number"
  /** `"12.50"` in JSON. CSV has no other numbers: there it is a number. */
  | "number as text"
  /** `12,50`, `1,234.50` */
  | "number with a comma"
  | "list or object"
  | DateForm
  | `${DateForm} with time`
  | "ISO instant"
  | "ISO time without zone";

const EITHER_FIRST = "either-first date";

/** Also dates that say the same to those who write the day first and to those who write the month first: `05/06/2026`. */
export type SeenClass = ValueClass | typeof EITHER_FIRST | `${typeof EITHER_FIRST} with time`;

const NUMERIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const COMMA_NUMBER = /^[+-]?\d[\d.' ]*,\d[\d.,]*$/;
const ISO =
  /^\d{4}-\d{2}-\d{2}(?:([Tt ]) *\d{1,2}(?::?\d{2}){0,2}(?:[.,]\d+)? ?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;
const YEAR_FIRST = /^\d{4}\/\d{1,2}\/\d{1,2}(?:([Tt ,]).*)?$/;
const YEAR_LAST = /^(\d{1,2})([/.-])(\d{1,2})\2\d{4}(?:([Tt ,]).*)?$/;

const MONTHS = 12;

const BLANK = 0x20;
const PLUS = 0x2b;
const DASH = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
const DELETE = 0x7f;

const DATE_BYTES = 10;
const SECONDS_BYTES = 19;

/** What is told apart from words begins with a digit, a sign or a point. */
const beginsWord = (code: number): boolean =>
  code > NINE || (code < ZERO && code !== PLUS && code !== DASH && code !== POINT);

/** The class of a field's value; `undefined` for none: absent, null, a truth value, blanks. */
export function classOfCell(cells: Cells, field: number): SeenClass | undefined {
  const kind = cells.kinds[field];
  if (kind !== TEXT) return kind === NUMBER ? "number" : kind === UNUSABLE ? "list or object" : undefined;
  const start = cells.starts[field]!;
  const end = cells.ends[field]!;
  if (start === end) return undefined;
  const first = cells.bytes[start]!;
  if (first > BLANK && first < DELETE && beginsWord(first)) return "text";
  return plainIso(cells.bytes, start, end) ?? classOfText(cells.text(field));
}

/** The class of the dates and instants that most files have, without a string and a regular expression. */
function plainIso(bytes: Uint8Array, start: number, end: number): SeenClass | undefined {
  const length = end - start;
  if (length < DATE_BYTES || bytes[start + 4] !== DASH || bytes[start + 7] !== DASH) return undefined;
  if (length === DATE_BYTES) return isDigit(bytes[end - 1]!) ? "ISO date" : undefined;
  const isInstant =
    length > SECONDS_BYTES &&
    bytes[start + DATE_BYTES] === LETTER_T &&
    bytes[start + 13] === COLON &&
    bytes[start + 16] === COLON &&
    bytes[end - 1] === LETTER_Z;
  return isInstant ? "ISO instant" : undefined;
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

function classOfText(value: string): SeenClass | undefined {
  const last = value.charCodeAt(value.length - 1);
  const isTrimmed = value.charCodeAt(0) > BLANK && last > BLANK && last < DELETE;
  const text = isTrimmed ? value : value.trim();
  if (text === "") return undefined;
  if (beginsWord(text.charCodeAt(0))) return "text";
  return classOfDate(text) ?? classOfNumber(text) ?? "text";
}

function classOfNumber(text: string): SeenClass | undefined {
  if (NUMERIC.test(text)) return "number as text";
  return COMMA_NUMBER.test(text) ? "number with a comma" : undefined;
}

function classOfDate(text: string): SeenClass | undefined {
  const iso = ISO.exec(text);
  if (iso) {
    if (iso[1] === undefined) return "ISO date";
    return iso[2] === undefined ? "ISO time without zone" : "ISO instant";
  }
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst) return yearFirst[1] === undefined ? "year/month/day" : "year/month/day with time";
  const yearLast = YEAR_LAST.exec(text);
  if (!yearLast) return undefined;
  const [, one, separator, two, time] = yearLast;
  const form = separator === "." ? "date with dots" : formOf(Number(one), Number(two));
  return time === undefined ? form : `${form} with time`;
}

function formOf(one: number, two: number): DateForm | typeof EITHER_FIRST {
  if (one > MONTHS) return "day-first date";
  return two > MONTHS ? "month-first date" : EITHER_FIRST;
}

/**
 * Counts of classes, where dates that may be read in two ways count as what the others show. Ingot reads the day first.
 *
 * @param isTyped true for JSON, in which a number is no text
 */
export function classesOf(
  seen: ReadonlyMap<SeenClass, number>,
  isTyped: boolean,
): ReadonlyMap<ValueClass, number> {
  const classes = new Map<string, number>(seen);
  const move = (from: string, to: string): void => {
    const count = classes.get(from);
    if (count === undefined) return;
    classes.delete(from);
    classes.set(to, (classes.get(to) ?? 0) + count);
  };
  for (const time of ["", " with time"]) {
    const [day, month] = [`day-first date${time}`, `month-first date${time}`];
    move(`${EITHER_FIRST}${time}`, (classes.get(month) ?? 0) > (classes.get(day) ?? 0) ? month : day);
  }
  if (!isTyped) move("number as text", "number");
  return classes as Map<string, number> as Map<ValueClass, number>;
}
