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
  const text = String(value).trim();
  const iso = ISO.exec(text) ?? YEAR_FIRST.exec(text) ?? BASIC.exec(text);
  if (iso) return fromCalendar(iso[1], iso[2], iso[3], iso.slice(4), zone);
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst) return fromCalendar(dayFirst[4], dayFirst[3], dayFirst[1], dayFirst.slice(5), zone);
  const isEpoch = typeof value === "number" || text.length >= SHORTEST_EPOCH_TEXT;
  return isEpoch ? fromEpoch(text, zone) : undefined;
}

function fromCalendar(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  [hour = "0", minute = "0", second = "0", fraction = "", offset]: (string | undefined)[],
  zone: TimeZone,
): ParsedInstant | undefined {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isRealDate = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isRealDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const wallClockMs = date.setUTCHours(Number(hour), Number(minute), Number(second));
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
  const second = isoSecond(wholeSecondMs);
  if (second === undefined) return undefined;
  const offset = zone.offsetAt(wholeSecondMs);
  const local = offset === 0 ? second : isoSecond(wholeSecondMs + offset);
  if (local === undefined) return undefined;
  return { utc: `${second}.${fraction.slice(0, 6).padEnd(6, "0")}Z`, date: local.slice(0, 10) };
}

/** `yyyy-MM-ddTHH:mm:ss`; `undefined` outside the years 1 to 9999. */
function isoSecond(ms: number): string | undefined {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date.toISOString().slice(0, 19) : undefined;
}
