import { writtenDate } from "../../values/written-date.ts";
import { isNothing, LONGEST_NOTHING } from "../../values/written-key.ts";
import { writtenNumber } from "../../values/written-number.ts";

/*
 * Values of fields as silver has them. Nearly all of them stand in the files as they belong there, so each function asks
 * for that first; whatever else a file may write takes the longer way.
 */

/** A field's text without blanks around it; `undefined` for none, also where somebody spelled that out. */
export function given(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  return trimmed.length <= LONGEST_NOTHING && isNothing(trimmed) ? undefined : trimmed;
}

const PLAIN_COUNT = /^(?:0|[1-9]\d{0,8})$/;
const WHOLE = /^(-?\d{1,9})(?:\.0+)?$/;

/** A whole number of at most nine digits. */
export function wholeNumber(text: string | undefined): string | undefined {
  if (text === undefined || PLAIN_COUNT.test(text)) return text;
  return WHOLE.exec(writtenNumber(text) ?? "")?.[1];
}

const PLAIN_AMOUNT = /^(?:0|[1-9]\d{0,11})(?:\.\d{1,2})?$/;
const AMOUNT = /^-?\d{1,12}(?:\.\d+)?$/;

/** A decimal number below a trillion; the column rounds it to cents. */
export function amount(text: string | undefined): string | undefined {
  if (text === undefined || PLAIN_AMOUNT.test(text)) return text;
  const written = writtenNumber(text);
  return written !== undefined && AMOUNT.test(written) ? written : undefined;
}

/** Reads dates, of which a file has the same one for many records. */
export function dates(): (text: string | undefined) => string | undefined {
  let lastText: string | undefined;
  let last: string | undefined;
  return (text) => {
    if (text === lastText) return last;
    lastText = text;
    last = text === undefined ? undefined : writtenDate(text);
    return last;
  };
}

const PLAIN_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;
const TIME = /(?:^|[T ])(\d{1,2}):([0-5]\d)(?::([0-5]\d)(?:[.,]\d+)?)?Z?$/;

/** A time of the day, `HH:MM:SS`. */
export function timeOfDay(text: string | undefined): string | undefined {
  if (text === undefined || PLAIN_TIME.test(text)) return text;
  const [, hour = "", minute = "00", second = "00"] = TIME.exec(text) ?? [];
  return hour !== "" && Number(hour) < 24 ? `${hour.padStart(2, "0")}:${minute}:${second}` : undefined;
}

/** Why a record is not kept because of one of its fields. */
export function faultOf(field: string, text: string | undefined, value: string | undefined): string {
  if (text === undefined) return `missing_${field}`;
  return value === undefined ? `invalid_${field}` : `negative_${field}`;
}

const MINUS = 0x2d;

export const isNegative = (value: string): boolean => value.charCodeAt(0) === MINUS;
