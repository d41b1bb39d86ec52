/*
 * Days and times of the Gregorian calendar by arithmetic. `Date` does the same, at ten times the cost for each of
 * millions of records. Days are counted from 1970-01-01, in UTC.
 */

export const MS_PER_DAY = 86_400_000;

const DAYS_BEFORE_1970 = 719_468;
const DAYS_PER_ERA = 146_097;
const YEARS_PER_ERA = 400;
/** Days before each month of a year that begins in March, so that the leap day is its last. */
const FROM_MARCH = [0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337];
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));

/** @param month 1 to 12 */
export function daysInMonth(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29;
  return DAYS_IN_MONTH[month - 1]!;
}

/** Milliseconds since 1970 of a day's beginning. @param month 1 to 12 */
export function utcMs(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const era = Math.floor(marchYear / YEARS_PER_ERA);
  const yearOfEra = marchYear - era * YEARS_PER_ERA;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfEra = yearOfEra * 365 + leapDays + FROM_MARCH[monthFromMarch]! + day - 1;
  return (era * DAYS_PER_ERA + dayOfEra - DAYS_BEFORE_1970) * MS_PER_DAY;
}

let lastDay = Number.NaN;
let lastIso = "";

/** `yyyy-MM-dd` of a day in the years 1 to 9999. */
export function isoDay(day: number): string {
  // Neighbouring records are mostly of the same day.
  if (day === lastDay) return lastIso;
  const shifted = day + DAYS_BEFORE_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * YEARS_PER_ERA + yearOfEra + (month <= 2 ? 1 : 0);
  const dayOfMonth = dayOfYear - FROM_MARCH[monthFromMarch]! + 1;
  const century = Math.floor(year / 100);
  lastIso = `${TWO_DIGITS[century]}${TWO_DIGITS[year - century * 100]}-${TWO_DIGITS[month]}-${TWO_DIGITS[dayOfMonth]}`;
  lastDay = day;
  return lastIso;
}

const ZERO = 0x30;
const TIME_AT = 11;
const FRACTION_AT = 20;
/** The instant that was written last: the digits are changed in place. */
const instant = Buffer.from("0000-00-00T00:00:00.000000Z", "latin1");
let writtenDay = Number.NaN;

/**
 * `yyyy-MM-ddTHH:mm:ss.SSSSSSZ`.
 *
 * @param msOfDay parts of a second are cut off
 * @param fraction the digits of the second's fraction; those beyond microseconds are cut off
 */
export function isoInstant(day: number, msOfDay: number, fraction: string): string {
  if (day !== writtenDay) {
    instant.write(isoDay(day), 0, "latin1");
    writtenDay = day;
  }
  const seconds = Math.floor(msOfDay / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  writeTwoDigits(TIME_AT, hours);
  writeTwoDigits(TIME_AT + 3, minutes - hours * 60);
  writeTwoDigits(TIME_AT + 6, seconds - minutes * 60);
  for (let at = 0; at < 6; at++) {
    instant[FRACTION_AT + at] = at < fraction.length ? fraction.charCodeAt(at) : ZERO;
  }
  return instant.toString("latin1");
}

function writeTwoDigits(at: number, number: number): void {
  const tens = Math.floor(number / 10);
  instant[at] = ZERO + tens;
  instant[at + 1] = ZERO + number - tens * 10;
}
