import { type BitSet, bitSet, countBoth, intersect } from "./bit-set.ts";
import type { CustomerColumns } from "./customer-columns.ts";
import { NOBODY } from "./customer-index.ts";
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
  const everyPage = new Uint8Array(columns.pages).fill(1);
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
    orders.visit(day, selection.kinds, (rows, from, to) =>
      markOrders(rows, from, to, ordered, today.ordered),
    );
    const visits = { day, views: 0, visitors: 0, buyers: 0 };
    clicks.visit(day, everyPage, (rows, from, to, page) => {
      const before = visits.views;
      addClicks(rows, from, to, chosen, today, visited, visits);
      views[page]! += visits.views - before;
    });
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

function markOrders(customers: Uint32Array, from: number, to: number, ordered: BitSet, today: BitSet): void {
  for (let row = from; row < to; row++) {
    const customer = customers[row]!;
    const bit = 1 << customer;
    ordered[customer >>> 5]! |= bit;
    today[customer >>> 5]! |= bit;
  }
}

/** Almost without branches: nobody could foretell them. */
function addClicks(
  customers: Uint32Array,
  from: number,
  to: number,
  chosen: BitSet,
  today: { ordered: BitSet; visited: BitSet },
  visited: BitSet,
  sums: DayVisits,
): void {
  const { ordered: orderedToday, visited: visitedToday } = today;
  let [views, visitors, buyers] = [0, 0, 0];
  for (let row = from; row < to; row++) {
    const customer = customers[row]!;
    const word = customer >>> 5;
    const isChosen = (chosen[word]! >>> customer) & 1;
    views += isChosen;
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
