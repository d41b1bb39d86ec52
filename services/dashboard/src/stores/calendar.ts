import type { DaySpan } from "../cube/days.ts";
import type { StoreMetrics } from "./metrics.ts";

/** Days since 1970-01-01 as parts of the calendar. */
export interface CalendarDay {
  year: number;
  /** 1 to 12. */
  month: number;
  /** 1 to 31. */
  day: number;
}

const DAY_MS = 86_400_000;

export function calendarDay(day: number): CalendarDay {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The years of the metrics, the newest first, each with its months. */
export function yearsOf({ days }: Pick<StoreMetrics, "days">): { year: number; months: number[] }[] {
  const months = new Map<number, Set<number>>();
  for (const day of new Set(days)) {
    const { year, month } = calendarDay(day);
    const known = months.get(year) ?? new Set();
    months.set(year, known.add(month));
  }
  return [...months]
    .map(([year, found]) => ({ year, months: [...found].sort((a, b) => a - b) }))
    .sort((a, b) => b.year - a.year);
}

/** January's is December of the year before. */
export function monthBefore({ year, month }: { year: number; month: number }): {
  year: number;
  month: number;
} {
  return month === 1 ? { year: year - 1, month: 12 } : { year, month: month - 1 };
}

/** The days of a month, or of a whole year. */
export function spanOf({ year, month }: { year: number; month?: number | undefined }): DaySpan {
  const dayOf = (monthIndex: number): number => Date.UTC(year, monthIndex, 1) / DAY_MS;
  const first = month === undefined ? 0 : month - 1;
  const after = month === undefined ? 12 : month;
  return { first: dayOf(first), last: dayOf(after) - 1 };
}
