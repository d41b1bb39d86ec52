import { addAll, type BitSet, bitSet, countBoth, intersect } from "./bit-set.ts";
import type { CustomerColumns } from "./customer-columns.ts";
import { NOBODY } from "./customer-index.ts";
import { addClicks, addVisitors, countChosen, markOrders } from "./customer-loops.ts";
import { type DaySpan, daysWithin } from "./days.ts";
import type { Deadline } from "./deadline.ts";
import type { RunRows } from "./run-rows.ts";
import type { Selection } from "./selection.ts";

/** Different customers of a period who ordered, who clicked, and who did both. */
export interface PeriodCounts {
  customers: number;
  visitors: number;
  buyers: number;
}

export interface DayVisits {
  day: number;
  views: number;
  visitors: number;
  /** Visitors who ordered on the same day. */
  buyers: number;
}

const NO_VISITORS = new Uint32Array();

export interface Counts {
  period: PeriodCounts;
  /** Days with clicks that match, in their order. */
  days: DayVisits[];
  /** By page. */
  views: Float64Array;
}

/**
 * Everything about a period's customers and visits.
 *
 * @param chosen the customers of the chosen countries
 * @throws IngotError `query_timeout`
 */
export function countCustomers(
  columns: CustomerColumns,
  { kinds, isEveryKind, isEveryCountry }: Selection,
  chosen: BitSet,
  span: DaySpan,
  deadline: Deadline,
): Counts {
  const { orders, clicks, customers } = columns;
  const views = new Float64Array(columns.pages);
  const [ordered, visited] = [bitSet(customers), bitSet(customers)];
  const today = { ordered: bitSet(customers), visited: bitSet(customers) };
  const mark = (rows: Uint32Array, from: number, to: number): void =>
    markOrders(rows, from, to, ordered, today.ordered);
  const days: DayVisits[] = [];
  for (const day of daysWithEither(orders, clicks, span)) {
    deadline.check();
    if (clicks.has(day)) today.ordered.fill(0);
    if (isEveryKind) orders.visitAll(day, mark);
    else orders.visit(day, kinds, mark);
    if (!clicks.has(day)) continue;
    const visits = { day, views: 0, visitors: 0, buyers: 0 };
    const visitors = columns.visitors.get(day) ?? NO_VISITORS;
    addVisitors(visitors, chosen, today.ordered, visited, visits);
    clicks.visitPacked(day, (rows, from, to, page) => {
      const seen = isEveryCountry ? to - from : countChosen(rows, from, to, chosen);
      visits.views += seen;
      views[page]! += seen;
    });
    if (clicks.hasNewer(day)) {
      today.visited.fill(0);
      addAll(visitors, today.visited);
    }
    clicks.visitNewer(day, (rows, from, to, page) => {
      const before = visits.views;
      addClicks(rows, from, to, chosen, today, visited, visits);
      views[page]! += visits.views - before;
    });
    if (visits.views > 0) days.push(visits);
  }
  ordered[0]! &= ~(1 << NOBODY);
  intersect(ordered, chosen);
  const period = {
    customers: countBoth(ordered, ordered),
    visitors: countBoth(visited, visited),
    buyers: countBoth(ordered, visited),
  };
  return { period, days, views };
}

function daysWithEither(orders: RunRows, clicks: RunRows, span: DaySpan): number[] {
  const days = new Set([...daysWithin(orders, span), ...daysWithin(clicks, span)]);
  return [...days].sort((a, b) => a - b);
}
