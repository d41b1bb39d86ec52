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

/** @param month 1 to 12 */
export function daysInMonth(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29;
  return DAYS_IN_MONTH[month - 1]!;
}

/** The number of a day. @param month 1 to 12 */
export function dayOf(year: number, month: number, dayOfMonth: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const era = Math.floor(marchYear / YEARS_PER_ERA);
  const yearOfEra = marchYear - era * YEARS_PER_ERA;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfEra = yearOfEra * 365 + leapDays + FROM_MARCH[monthFromMarch]! + dayOfMonth - 1;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_BEFORE_1970;
}

/** The years 1 to 9999, which have four digits. */
export const FIRST_DAY = dayOf(1, 1, 1);
export const END_DAY = dayOf(10_000, 1, 1);

export const ISO_DAY_BYTES = 10;
const ZERO = 0x30;

/** Days that were written before, each where the lower bits of its number say: records are mostly of some years. */
const WRITTEN_DAYS = 4096;
const writtenDays = new Int32Array(WRITTEN_DAYS).fill(END_DAY);
const written = Buffer.alloc(WRITTEN_DAYS * ISO_DAY_BYTES, "0000-00-00", "latin1");

/** Writes `yyyy-MM-dd` of a day in the years 1 to 9999. */
export function writeIsoDay(bytes: Uint8Array, at: number, day: number): void {
  const slot = day & (WRITTEN_DAYS - 1);
  const from = slot * ISO_DAY_BYTES;
  if (writtenDays[slot] !== day) {
    spell(day, from);
    writtenDays[slot] = day;
  }
  for (let digit = 0; digit < ISO_DAY_BYTES; digit++) bytes[at + digit] = written[from + digit]!;
}

function spell(day: number, at: number): void {
  const shifted = day + DAYS_BEFORE_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * YEARS_PER_ERA + yearOfEra + (month <= 2 ? 1 : 0);
  const century = Math.floor(year / 100);
  writeTwoDigits(written, at, century);
  writeTwoDigits(written, at + 2, year - century * 100);
  writeTwoDigits(written, at + 5, month);
  writeTwoDigits(written, at + 8, dayOfYear - FROM_MARCH[monthFromMarch]! + 1);
}

/** Writes two digits. @param number 0 to 99 */
export function writeTwoDigits(bytes: Uint8Array, at: number, number: number): void {
  const tens = Math.floor(number / 10);
  bytes[at] = ZERO + tens;
  bytes[at + 1] = ZERO + number - tens * 10;
}
