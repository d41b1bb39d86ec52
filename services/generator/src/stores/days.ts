import { IngotError } from "@ingot/common";

const MS_PER_DAY = 86_400_000;

/** True for a day of the calendar, as `yyyy-MM-dd`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && dayOf(ms) === text;
}

/** An instant's day in UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The first and the last of some days, both included, as `yyyy-MM-dd`. */
export interface DayRange {
  from: string;
  to: string;
}

export const countDays = ({ from, to }: DayRange): number =>
  (Date.parse(to) - Date.parse(from)) / MS_PER_DAY + 1;

export function* daysOf({ from, to }: DayRange): Generator<string> {
  for (let ms = Date.parse(from); ms <= Date.parse(to); ms += MS_PER_DAY) yield dayOf(ms);
}

/**
 * The days that two flags ask for: neither means today, `to` alone that day, `from` alone all from there up to today.
 *
 * @throws IngotError `usage` for what is no day, and for a range that ends before it begins
 */
export function dayRange(
  given: { from: string | undefined; to: string | undefined },
  today: string,
): DayRange {
  for (const [flag, day] of Object.entries(given)) {
    if (day === undefined || isDay(day)) continue;
    throw new IngotError("usage", `--${flag} is "${day}". Allowed: a day such as ${today}.`);
  }
  const { from = given.to ?? today } = given;
  const { to = today } = given;
  if (from <= to) return { from, to };
  const end = given.to === undefined ? `today, ${to}: give --to as well` : `--to (${to})`;
  throw new IngotError("usage", `--from (${from}) lies after ${end}.`);
}
