import { type Cells, NUMBER, TEXT } from "@ingot/engine/records";
import { dayOf, daysInMonth, END_DAY, FIRST_DAY, MS_PER_DAY } from "./civil-time.ts";
import { Instant } from "./instant.ts";
import { PlainInstants } from "./plain-instants.ts";
import { type TimeZone, UTC } from "./timezone.ts";

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
export function parseInstant(value: unknown, zone: TimeZone): Instant | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const instant = new Instant();
  return parse(String(value).trim(), typeof value === "number", zone, instant) ? instant : undefined;
}

const plain = new PlainInstants();
const shared = new Instant();

/** The same for a field of a record. What it returns is valid until the next call. */
export function instantOf(cells: Cells, field: number, zone: TimeZone): Instant | undefined {
  const kind = cells.kinds[field];
  if (kind !== TEXT && kind !== NUMBER) return undefined;
  const isRead =
    kind === TEXT && plain.read(cells.bytes, cells.starts[field]!, cells.ends[field]!)
      ? fromPlain(zone)
      : parse(cells.text(field).trim(), kind === NUMBER, zone, shared);
  return isRead ? shared : undefined;
}

function fromPlain(zone: TimeZone): boolean {
  const { day, secondOfDay, micros, isUtc } = plain;
  if (zone !== UTC) {
    const ms = day * MS_PER_DAY + secondOfDay * 1000;
    return settle(shared, isUtc ? ms : zone.instantOf(ms), micros, zone);
  }
  shared.day = day;
  shared.businessDay = day;
  shared.secondOfDay = secondOfDay;
  shared.micros = micros;
  return true;
}

/** Reads a text without blanks around it into `into`. False where it is no real instant. */
function parse(text: string, isNumber: boolean, zone: TimeZone, into: Instant): boolean {
  const iso = ISO.exec(text) ?? YEAR_FIRST.exec(text) ?? BASIC.exec(text);
  if (iso) return fromCalendar([iso[1], iso[2], iso[3]], iso.slice(4), zone, into);
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst) return fromCalendar([dayFirst[4], dayFirst[3], dayFirst[1]], dayFirst.slice(5), zone, into);
  return (isNumber || text.length >= SHORTEST_EPOCH_TEXT) && fromEpoch(text, zone, into);
}

function fromCalendar(
  date: (string | undefined)[],
  [hour = "0", minute = "0", second = "0", fraction = "", offset]: (string | undefined)[],
  zone: TimeZone,
  into: Instant,
): boolean {
  const [year, month, day] = date.map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return false;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const wallClockMs = dayOf(year, month, day) * MS_PER_DAY + seconds * 1000;
  if (offset === undefined) return settle(into, zone.instantOf(wallClockMs), microsOf(fraction), zone);
  const offsetMs = parseOffset(offset);
  return offsetMs !== undefined && settle(into, wallClockMs - offsetMs, microsOf(fraction), zone);
}

function parseOffset(text: string): number | undefined {
  if (text === "Z" || text === "z") return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(":", ""));
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function fromEpoch(text: string, zone: TimeZone, into: Instant): boolean {
  const match = EPOCH.exec(text);
  if (!match) return false;
  const [, whole = "", fraction = ""] = match;
  const number = Number(whole);
  // A fraction below zero would count backwards; such instants are too rare to be worth a rule of their own.
  if (number < 0 && fraction !== "") return false;
  if (Math.abs(number) < FIRST_MILLISECONDS) return settle(into, number * 1000, microsOf(fraction), zone);
  const seconds = Math.floor(number / 1000);
  const digits = String(number - seconds * 1000).padStart(3, "0") + fraction;
  return settle(into, seconds * 1000, microsOf(digits), zone);
}

/** @param fraction digits of a second's fraction; those beyond microseconds are cut off */
const microsOf = (fraction: string): number => Number(fraction.slice(0, 6).padEnd(6, "0"));

function settle(into: Instant, wholeSecondMs: number, micros: number, zone: TimeZone): boolean {
  const day = Math.floor(wholeSecondMs / MS_PER_DAY);
  if (!isFourDigits(day)) return false;
  into.day = day;
  into.secondOfDay = (wholeSecondMs - day * MS_PER_DAY) / 1000;
  into.micros = micros;
  into.businessDay = Math.floor((wholeSecondMs + zone.offsetAt(wholeSecondMs)) / MS_PER_DAY);
  return isFourDigits(into.businessDay);
}

const isFourDigits = (day: number): boolean => day >= FIRST_DAY && day < END_DAY;
