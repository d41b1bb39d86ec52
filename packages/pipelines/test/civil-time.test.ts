import fc from "fast-check";
import { expect, test } from "vitest";
import { dayOf, daysInMonth, MS_PER_DAY } from "../src/values/civil-time.ts";
import { Instant } from "../src/values/instant.ts";

/** The platform's calendar as the oracle. */
function dateOf(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date;
}

const dateTextOf = (businessDay: number): string => Object.assign(new Instant(), { businessDay }).date;

const FIRST_DAY = dateOf(1, 1, 1).getTime() / MS_PER_DAY;
const LAST_DAY = dateOf(9999, 12, 31).getTime() / MS_PER_DAY;

/** Four hundred years are one round of the calendar; beyond them, every seventh day. */
const ROUND_END = dateOf(2200, 1, 1).getTime() / MS_PER_DAY;
const ROUND_START = dateOf(1800, 1, 1).getTime() / MS_PER_DAY;

test("the days of the years 1 to 9999 have the platform's date", () => {
  const isInRound = (day: number): boolean => day >= ROUND_START && day < ROUND_END;
  for (let day = FIRST_DAY; day <= LAST_DAY; day += isInRound(day) || LAST_DAY - day < 7 ? 1 : 7) {
    const iso = new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
    const written = dateTextOf(day);
    if (written !== iso) expect.fail(`${day} is ${iso}, not ${written}`);
    const [year, month, dayOfMonth] = iso.split("-").map(Number) as [number, number, number];
    if (dayOf(year, month, dayOfMonth) !== day) expect.fail(`dayOf ${iso}`);
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
  const isRight = (ms: number): boolean => {
    const instant = Object.assign(new Instant(), {
      secondOfDay: Math.floor(ms / 1000),
      micros: (ms % 1000) * 1000,
    });
    return instant.utc === new Date(ms).toISOString().replace("Z", "000Z");
  };
  fc.assert(fc.property(times, isRight));
});
