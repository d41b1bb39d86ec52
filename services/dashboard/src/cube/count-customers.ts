import { type BitSet, bitSet, countBoth, intersect } from "./bit-set.ts";
import type { CustomerColumns } from "./customer-columns.ts";
import { NOBODY } from "./customer-index.ts";
import type { RowPiece } from "./day-rows.ts";
import { type DaySpan, daysWithin } from "./days.ts";
import type { Deadline } from "./deadline.ts";
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

export interface Counts {
  period: PeriodCounts;
  /** Days with clicks that match, in their order. */
  days: DayVisits[];
  /** By page. */
  views: Float64Array;
}

/** Everything about a period's customers and visits. @throws IngotError `query_timeout` */
export function countCustomers(
  columns: CustomerColumns,
  selection: Selection,
  span: DaySpan,
  deadline: Deadline,
): Counts {
  const { orders, clicks, customers } = columns;
  const chosen = columns.customersOf(selection.countries);
  const views = new Float64Array(columns.pages);
  const [ordered, visited] = [bitSet(customers), bitSet(customers)];
  const today = { ordered: bitSet(customers), visited: bitSet(customers) };
  const days: DayVisits[] = [];
  for (const day of daysWithin(orders, span).concat(
    daysWithin(clicks, span).filter((day) => !orders.has(day)),
  )) {
    deadline.check();
    if (clicks.has(day)) {
      today.ordered.fill(0);
      today.visited.fill(0);
    }
    for (const piece of orders.of(day)) {
      if (selection.isEveryKind) markOrders(piece, ordered, today.ordered);
      else markOrdersOf(selection.kinds, piece, ordered, today.ordered);
    }
    const visits = { day, views: 0, visitors: 0, buyers: 0 };
    for (const piece of clicks.of(day)) addClicks(piece, chosen, today, visited, views, visits);
    if (visits.views > 0) days.push(visits);
  }
  days.sort((a, b) => a.day - b.day);
  ordered[0]! &= ~(1 << NOBODY);
  intersect(ordered, chosen);
  const period = {
    customers: countBoth(ordered, ordered),
    visitors: countBoth(visited, visited),
    buyers: countBoth(ordered, visited),
  };
  return { period, days, views };
}

function markOrders({ customers, from, to }: RowPiece, ordered: BitSet, today: BitSet): void {
  for (let row = from; row < to; row++) {
    const customer = customers[row]!;
    const bit = 1 << customer;
    ordered[customer >>> 5]! |= bit;
    today[customer >>> 5]! |= bit;
  }
}

/** Without branches: nobody could foretell them. */
function markOrdersOf(isKind: Uint8Array, piece: RowPiece, ordered: BitSet, today: BitSet): void {
  const { values, customers, from, to } = piece;
  for (let row = from; row < to; row++) {
    const customer = customers[row]!;
    const bit = isKind[values[row]!]! << customer;
    ordered[customer >>> 5]! |= bit;
    today[customer >>> 5]! |= bit;
  }
}

function addClicks(
  { values: pages, customers, from, to }: RowPiece,
  chosen: BitSet,
  today: { ordered: BitSet; visited: BitSet },
  visited: BitSet,
  pageViews: Float64Array,
  sums: DayVisits,
): void {
  const { ordered: orderedToday, visited: visitedToday } = today;
  let [views, visitors, buyers] = [0, 0, 0];
  for (let row = from; row < to; row++) {
    const customer = customers[row]!;
    const word = customer >>> 5;
    const isChosen = (chosen[word]! >>> customer) & 1;
    views += isChosen;
    pageViews[pages[row]!]! += isChosen;
    if (customer === NOBODY) continue;
    const before = visitedToday[word]!;
    const isFirst = isChosen & ~(before >>> customer);
    visitors += isFirst;
    buyers += isFirst & (orderedToday[word]! >>> customer);
    visitedToday[word] = before | (isChosen << customer);
    visited[word]! |= isChosen << customer;
  }
  sums.views += views;
  sums.visitors += visitors;
  sums.buyers += buyers;
}
