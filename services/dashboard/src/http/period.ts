import type { FilterChoices, Period } from "../api/contract.ts";
import { dateOf, dayNumber } from "../cube/days.ts";
import { invalidParameter } from "./errors.ts";

/**
 * The period that is asked for. What is left out is filled in from the days with sales or visits: the first and the last
 * day of them.
 *
 * @param mostDays a period that is longer is refused, and none that is filled in is
 * @throws RequestError `invalid_parameter` where it ends before it begins, or is too long
 */
export function periodOf(
  asked: Partial<Period>,
  { days, today }: Pick<FilterChoices, "days" | "today">,
  mostDays = Number.POSITIVE_INFINITY,
): Period {
  const { first, last } = days ?? { first: today, last: today };
  const to = asked.to ?? later(last, asked.from ?? last);
  const earliest = mostDays === Number.POSITIVE_INFINITY ? "" : dateOf(dayNumber(to) + 1 - mostDays);
  const from = asked.from ?? later(earlier(first, to), earliest);
  if (from > to) throw invalidParameter("from", `from (${from}) is after to (${to}). Exchange them.`);
  if (from < earliest) {
    const message = `from ${from} to ${to} are more than ${mostDays} days. Ask for a shorter period.`;
    throw invalidParameter("from", message);
  }
  return { from, to };
}

const earlier = (a: string, b: string): string => (a < b ? a : b);
const later = (a: string, b: string): string => (a > b ? a : b);
