import { dayOf, daysInMonth } from "./civil-time.ts";

const DASH = 0x2d;
const SLASH = 0x2f;
const POINT = 0x2e;
const COLON = 0x3a;
const BLANK = 0x20;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
const ZERO = 0x30;

/** Not a number of two digits; greater than any year. */
const NONE = 100_000;

const DATE_BYTES = 10;
const SECONDS_BYTES = 19;
const MICRO_DIGITS = 6;

/**
 * Reads the forms that nearly all records have, without a string and a regular expression: `yyyy-MM-dd` and `dd-MM-yyyy`
 * with dashes or slashes, alone or followed by `THH:mm:ss` (or a blank instead of the T), with or without a fraction and
 * `Z`. What it found is in its fields.
 */
export class PlainInstants {
  /** Counted from 1970-01-01. */
  day = 0;
  secondOfDay = 0;
  micros = 0;
  /** False for wall-clock time of whatever zone. */
  isUtc = false;

  /** False for every other form, and for what is no real instant; both need a closer look. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (length !== DATE_BYTES && length < SECONDS_BYTES) return false;
    if (!this.#date(bytes, start)) return false;
    this.secondOfDay = 0;
    this.micros = 0;
    this.isUtc = false;
    return length === DATE_BYTES || this.#time(bytes, start + DATE_BYTES, end);
  }

  #date(bytes: Uint8Array, start: number): boolean {
    let year: number;
    let dayOfMonth: number;
    const separator = bytes[start + 4]!;
    const isYearFirst = separator === DASH || separator === SLASH;
    const middle = isYearFirst ? start + 5 : start + 3;
    if (isYearFirst) {
      if (bytes[start + 7] !== separator) return false;
      year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
      dayOfMonth = twoDigits(bytes, start + 8);
    } else {
      const between = bytes[start + 2];
      if ((between !== DASH && between !== SLASH) || bytes[start + 5] !== between) return false;
      year = twoDigits(bytes, start + 6) * 100 + twoDigits(bytes, start + 8);
      dayOfMonth = twoDigits(bytes, start);
    }
    const month = twoDigits(bytes, middle);
    if (year < 1 || year > 9999 || month < 1 || month > 12) return false;
    if (dayOfMonth < 1 || dayOfMonth > daysInMonth(year, month)) return false;
    this.day = dayOf(year, month, dayOfMonth);
    return true;
  }

  /** @param start where the T or the blank stands */
  #time(bytes: Uint8Array, start: number, end: number): boolean {
    const separator = bytes[start]!;
    if (separator !== LETTER_T && separator !== BLANK) return false;
    if (bytes[start + 3] !== COLON || bytes[start + 6] !== COLON) return false;
    const hour = twoDigits(bytes, start + 1);
    const minute = twoDigits(bytes, start + 4);
    const second = twoDigits(bytes, start + 7);
    if (hour > 23 || minute > 59 || second > 59) return false;
    this.secondOfDay = (hour * 60 + minute) * 60 + second;
    this.isUtc = bytes[end - 1] === LETTER_Z;
    const fraction = start + 9;
    const last = this.isUtc ? end - 1 : end;
    return fraction === last || this.#fraction(bytes, fraction, last);
  }

  /** Digits behind a dot; those beyond microseconds are cut off. */
  #fraction(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] !== POINT || end < start + 2) return false;
    let micros = 0;
    let digits = 0;
    for (let at = start + 1; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) return false;
      if (digits === MICRO_DIGITS) continue;
      micros = micros * 10 + digit;
      digits++;
    }
    for (; digits < MICRO_DIGITS; digits++) micros *= 10;
    this.micros = micros;
    return true;
  }
}

/** The number that two digits make, NONE or more where one is none. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NONE;
}
