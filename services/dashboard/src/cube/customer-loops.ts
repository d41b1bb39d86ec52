import type { BitSet } from "./bit-set.ts";
import { NOBODY } from "./customer-index.ts";

/*
 * The loops that millions of rows go through. Almost without branches: nobody could foretell them.
 */

/** Customers who did something on the day that is looked at. */
export interface DaySets {
  ordered: BitSet;
  visited: BitSet;
}

/** Clicks of a day, customers who clicked, and those of them who ordered on this day. */
export interface VisitSums {
  views: number;
  visitors: number;
  buyers: number;
}

/** Adds customers to two sets. */
export function markOrders(
  customers: Uint32Array,
  from: number,
  to: number,
  ordered: BitSet,
  today: BitSet,
): void {
  for (let row = from; row < to; row++) {
    const customer = customers[row]!;
    const bit = 1 << customer;
    ordered[customer >>> 5]! |= bit;
    today[customer >>> 5]! |= bit;
  }
}

/** How many rows are those of a set's customers. */
export function countChosen(customers: Uint32Array, from: number, to: number, chosen: BitSet): number {
  let count = 0;
  for (let row = from; row < to; row++) {
    const customer = customers[row]!;
    count += (chosen[customer >>> 5]! >>> customer) & 1;
  }
  return count;
}

/** Adds clicks of the day, by those who are chosen, to the sums, to the day's visitors and to those of the period. */
export function addClicks(
  customers: Uint32Array,
  from: number,
  to: number,
  chosen: BitSet,
  today: DaySets,
  visited: BitSet,
  sums: VisitSums,
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

/** Adds the different customers who clicked on the day, as far as they are chosen. */
export function addVisitors(
  visitors: Uint32Array,
  chosen: BitSet,
  orderedToday: BitSet,
  visited: BitSet,
  sums: VisitSums,
): void {
  let [count, buyers] = [0, 0];
  for (let row = 0; row < visitors.length; row++) {
    const customer = visitors[row]!;
    const word = customer >>> 5;
    const isChosen = (chosen[word]! >>> customer) & 1;
    count += isChosen;
    buyers += isChosen & (orderedToday[word]! >>> customer);
    visited[word]! |= isChosen << customer;
  }
  sums.visitors += count;
  sums.buyers += buyers;
}

/** Adds chosen customers to a set; answers how many were not in it. */
export function addNew(
  customers: Uint32Array,
  from: number,
  to: number,
  chosen: BitSet,
  set: BitSet,
): number {
  let added = 0;
  for (let row = from; row < to; row++) {
    const customer = customers[row]!;
    const word = customer >>> 5;
    const before = set[word]!;
    const isNew = (chosen[word]! >>> customer) & ~(before >>> customer) & (customer === NOBODY ? 0 : 1);
    added += isNew;
    set[word] = before | (isNew << customer);
  }
  return added;
}
