import { IngotError } from "@ingot/common";
import type { TimeZone } from "@ingot/pipelines";

const MS_PER_DAY = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Days, both included, counted from 1970-01-01. */
export interface DaySpan {
  readonly first: number;
  readonly last: number;
}

/** The number of a date `YYYY-MM-DD`; NaN for what is none. */
export function dayNumber(date: string): number {
  return Date.parse(date) / MS_PER_DAY;
}

/** The date of a day; before the year 0 as ISO 8601 writes it, with a sign and six digits. */
export function dateOf(day: number): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, -"T00:00:00.000Z".length);
}

/** The date at an instant. */
export function todayIn(zone: TimeZone, instant: Date): string {
  const now = instant.getTime();
  return dateOf(Math.floor((now + zone.offsetAt(now)) / MS_PER_DAY));
}

/** @throws IngotError `invalid_parameter` for what is no date, and for an end before the beginning */
export function spanOf({ from, to }: { from: string; to: string }): DaySpan {
  const [first, last] = [from, to].map((date) => {
    const day = DATE.test(date) ? dayNumber(date) : Number.NaN;
    if (!Number.isInteger(day) || dateOf(day) !== date)
      throw new IngotError("invalid_parameter", `"${date}" is no date. Write it as 2025-12-31.`);
    return day;
  }) as [number, number];
  if (last < first)
    throw new IngotError("invalid_parameter", `The period ends on ${to}, before it begins on ${from}.`);
  return { first, last };
}

export const lengthOf = ({ first, last }: DaySpan): number => last - first + 1;

/** The span of the same length that ends the day before. */
export function spanBefore(span: DaySpan): DaySpan {
  return { first: span.first - lengthOf(span), last: span.first - 1 };
}

/** The days of a span that something is known of, in their order, however long the span is. */
export function daysWithin(
  days: { has(day: number): boolean; keys(): Iterable<number>; size: number },
  span: DaySpan,
): number[] {
  const { first, last } = span;
  if (lengthOf(span) > days.size)
    return [...days.keys()].filter((day) => day >= first && day <= last).sort((a, b) => a - b);
  const within: number[] = [];
  for (let day = first; day <= last; day++) if (days.has(day)) within.push(day);
  return within;
}
