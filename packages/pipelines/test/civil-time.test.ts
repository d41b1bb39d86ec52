import fc from "fast-check";
import { expect, test } from "vitest";
import { daysInMonth, isoDay, isoInstant, MS_PER_DAY, utcMs } from "../src/values/civil-time.ts";

/** The platform's calendar as the oracle. */
function dateOf(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date;
}

const FIRST_DAY = dateOf(1, 1, 1).getTime() / MS_PER_DAY;
const LAST_DAY = dateOf(9999, 12, 31).getTime() / MS_PER_DAY;

/** Four hundred years are one round of the calendar; beyond them, every seventh day. */
const ROUND_END = dateOf(2200, 1, 1).getTime() / MS_PER_DAY;
const ROUND_START = dateOf(1800, 1, 1).getTime() / MS_PER_DAY;

test("the days of the years 1 to 9999 have the platform's date and milliseconds", () => {
  const isInRound = (day: number): boolean => day >= ROUND_START && day < ROUND_END;
  for (let day = FIRST_DAY; day <= LAST_DAY; day += isInRound(day) || LAST_DAY - day < 7 ? 1 : 7) {
    const iso = new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
    if (isoDay(day) !== iso) expect.fail(`${day} is ${iso}, not ${isoDay(day)}`);
    const [year, month, dayOfMonth] = iso.split("-").map(Number) as [number, number, number];
    if (utcMs(year, month, dayOfMonth) !== day * MS_PER_DAY) expect.fail(`utcMs of ${iso}`);
  }
});

test("months are as long as the platform says", () => {
  for (let year = 1; year <= 9999; year++) {
    for (let month = 1; month <= 12; month++) {
      const length = dateOf(year, month + 1, 0).getUTCDate();
      if (daysInMonth(year, month) !== length) expect.fail(`${year}-${month} has ${length} days`);
    }
  }
});

test("times of day are the platform's", () => {
  const times = fc.integer({ min: 0, max: MS_PER_DAY - 1 });
  const isRight = (ms: number): boolean =>
    isoInstant(0, ms, "").slice(11, 19) === new Date(ms).toISOString().slice(11, 19);
  fc.assert(fc.property(times, isRight));
});
