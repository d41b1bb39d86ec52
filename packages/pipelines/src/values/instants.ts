import { daysInMonth, isoDay, isoInstant, MS_PER_DAY, utcMs } from "./civil-time.ts";
import type { TimeZone } from "./timezone.ts";

export interface ParsedInstant {
  /** UTC with six fraction digits, `2010-12-01T08:26:00.000000Z`: text order is time order. */
  utc: string;
  /** The business date, `yyyy-MM-dd`: the instant's date in the business time zone. */
  date: string;
}

const TIME = "(\\d{1,2})(?::(\\d{2})(?::(\\d{2})(?:[.,](\\d+))?)?)? ?(Z|z|[+-]\\d{2}(?::?\\d{2})?)?";
const ISO = new RegExp(`^(\\d{4})-(\\d{2})-(\\d{2})(?:[Tt ] *${TIME})?$`);
const YEAR_FIRST = new RegExp(`^(\\d{4})/(\\d{1,2})/(\\d{1,2})(?:[Tt ] *${TIME})?$`);
const DAY_FIRST = new RegExp(`^(\\d{1,2})([/-])(\\d{1,2})\\2(\\d{4})(?:[Tt ] *${TIME})?$`);
const BASIC =
  /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(?:(\d{2})(?:(\d{2})(?:[.,](\d+))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;
const EPOCH = /^([+-]?\d+)(?:\.(\d+))?$/;

/** Epoch numbers from here on count milliseconds; as seconds they would lie beyond the year 5138. */
const FIRST_MILLISECONDS = 100_000_000_000;
/** Shorter digit texts are years, counters or typing errors rather than seconds since 1970. */
const SHORTEST_EPOCH_TEXT = 9;

/**
 * Reads a date or an instant (contract: e-commerce, section 2): ISO 8601 with or without zone, `yyyy/MM/dd`, day-first
 * `dd/MM/yyyy` and `dd-MM-yyyy`, each with or without time, and epoch seconds or milliseconds. Without a zone it is
 * wall-clock time in `zone`; a date without time is its midnight.
 *
 * @returns `undefined` for anything that is no real instant between the years 1 and 9999, such as 2011-02-30
 */
export function parseInstant(value: unknown, zone: TimeZone): ParsedInstant | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const plain = typeof value === "string" ? fromPlainIso(value, zone) : undefined;
  if (plain) return plain;
  const text = String(value).trim();
  const iso = ISO.exec(text) ?? YEAR_FIRST.exec(text) ?? BASIC.exec(text);
  if (iso) return fromCalendar(iso[1], iso[2], iso[3], iso.slice(4), zone);
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst) return fromCalendar(dayFirst[4], dayFirst[3], dayFirst[1], dayFirst.slice(5), zone);
  const isEpoch = typeof value === "number" || text.length >= SHORTEST_EPOCH_TEXT;
  return isEpoch ? fromEpoch(text, zone) : undefined;
}

/**
 * The forms that nearly all records have, read without a regular expression: `yyyy-MM-dd`, `yyyy-MM-ddTHH:mm:ss` (or
 * with a blank), with or without a fraction, and the same with `Z`. `undefined` for every other text, real or not.
 */
function fromPlainIso(text: string, zone: TimeZone): ParsedInstant | undefined {
  const { length } = text;
  if (length < 10 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  // Text that is no digit makes NaN, and every comparison with it false.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)))
    return undefined;
  if (length === 10) return toParsed(zone.instantOf(utcMs(year, month, day)), "", zone);
  const separator = text.charCodeAt(10);
  if (length < 19 || (separator !== LETTER_T && separator !== BLANK)) return undefined;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return undefined;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  const isUtc = text.charCodeAt(length - 1) === LETTER_Z;
  const end = isUtc ? length - 1 : length;
  if (end > 19 && !isFraction(text, 19, end)) return undefined;
  const wallClockMs = utcMs(year, month, day) + ((hour * 60 + minute) * 60 + second) * 1000;
  return toParsed(isUtc ? wallClockMs : zone.instantOf(wallClockMs), text.slice(20, end), zone);
}

/** True for a dot with digits behind it. */
function isFraction(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) !== DOT || end === start + 1) return false;
  for (let at = start + 1; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}

const DASH = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const BLANK = 0x20;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
const ZERO = 0x30;

/** The number that two digits make; NaN where one is none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function fromCalendar(
  yearText: string | undefined,
  monthText: string | undefined,
  dayText: string | undefined,
  [hour = "0", minute = "0", second = "0", fraction = "", offset]: (string | undefined)[],
  zone: TimeZone,
): ParsedInstant | undefined {
  const [year, month, day] = [Number(yearText), Number(monthText), Number(dayText)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const wallClockMs = utcMs(year, month, day) + seconds * 1000;
  if (offset === undefined) return toParsed(zone.instantOf(wallClockMs), fraction, zone);
  const offsetMs = parseOffset(offset);
  return offsetMs === undefined ? undefined : toParsed(wallClockMs - offsetMs, fraction, zone);
}

function parseOffset(text: string): number | undefined {
  if (text === "Z" || text === "z") return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(":", ""));
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function fromEpoch(text: string, zone: TimeZone): ParsedInstant | undefined {
  const match = EPOCH.exec(text);
  if (!match) return undefined;
  const [, whole = "", fraction = ""] = match;
  const number = Number(whole);
  // A fraction below zero would count backwards; such instants are too rare to be worth a rule of their own.
  if (number < 0 && fraction !== "") return undefined;
  if (Math.abs(number) < FIRST_MILLISECONDS) return toParsed(number * 1000, fraction, zone);
  const seconds = Math.floor(number / 1000);
  return toParsed(seconds * 1000, String(number - seconds * 1000).padStart(3, "0") + fraction, zone);
}

/** @param fraction the digits of the second's fraction; those beyond microseconds are cut off */
function toParsed(wholeSecondMs: number, fraction: string, zone: TimeZone): ParsedInstant | undefined {
  if (!(wholeSecondMs >= FIRST_MS && wholeSecondMs < END_MS)) return undefined;
  const day = Math.floor(wholeSecondMs / MS_PER_DAY);
  const localMs = wholeSecondMs + zone.offsetAt(wholeSecondMs);
  if (!(localMs >= FIRST_MS && localMs < END_MS)) return undefined;
  const localDay = Math.floor(localMs / MS_PER_DAY);
  return {
    utc: isoInstant(day, wholeSecondMs - day * MS_PER_DAY, fraction),
    date: isoDay(localDay),
  };
}

/** The years 1 to 9999, which have four digits. */
const FIRST_MS = utcMs(1, 1, 1);
const END_MS = utcMs(10_000, 1, 1);
