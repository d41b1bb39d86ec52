import type { BitSet } from "./bit-set.ts";
import type { CustomerColumns } from "./customer-columns.ts";
import { NOBODY } from "./customer-index.ts";
import { type DaySpan, daysWithin } from "./days.ts";
import type { Deadline } from "./deadline.ts";
import type { Selection } from "./selection.ts";

/** Clicks that are put in the order of their pages at a time: 16 MiB of memory. */
const CLICKS_AT_A_TIME = 4 * 1024 * 1024;

/**
 * Different customers on each of some pages.
 *
 * @param views of every page: the clicks that match the selection
 * @throws IngotError `query_timeout`
 */
export function countPageVisitors(
  columns: CustomerColumns,
  selection: Selection,
  span: DaySpan,
  views: Float64Array,
  pages: readonly number[],
  deadline: Deadline,
): Map<number, number> {
  const days = daysWithin(columns.clicks, span);
  const visitors = new Map<number, number>();
  /** The last page, of those that are counted, that a customer was on; counted from 1. */
  const lastPage = new Uint32Array(columns.customers);
  const chosen = columns.customersOf(selection.countries);
  let counted = 0;
  for (const group of groupsOf(pages, views)) {
    const { clicks, ends } = byPage(columns, chosen, days, views, group, deadline);
    let at = 0;
    for (const [index, page] of group.entries()) {
      deadline.check();
      counted += 1;
      let different = 0;
      for (; at < ends[index]!; at++) {
        const customer = clicks[at]!;
        if (customer === NOBODY || lastPage[customer] === counted) continue;
        lastPage[customer] = counted;
        different += 1;
      }
      visitors.set(page, different);
    }
  }
  return visitors;
}

/** Pages that together have so many clicks as fit, or one that has more. */
function groupsOf(pages: readonly number[], views: Float64Array): number[][] {
  const groups: number[][] = [];
  let clicks = Number.POSITIVE_INFINITY;
  for (const page of pages) {
    clicks += views[page]!;
    if (clicks <= CLICKS_AT_A_TIME) groups.at(-1)!.push(page);
    else {
      groups.push([page]);
      clicks = views[page]!;
    }
  }
  return groups;
}

/** The customers of the clicks on some pages, page after page. */
function byPage(
  { clicks }: CustomerColumns,
  chosen: BitSet,
  days: readonly number[],
  views: Float64Array,
  pages: readonly number[],
  deadline: Deadline,
): { clicks: Uint32Array; ends: Uint32Array } {
  const ends = new Uint32Array(pages.length);
  /** Places of the pages in the group, counted from 1; 0 for others. */
  const placeOf = new Uint32Array(views.length);
  let total = 0;
  for (const [index, page] of pages.entries()) {
    placeOf[page] = index + 1;
    ends[index] = total;
    total += views[page]!;
  }
  const sorted = new Uint32Array(total);
  for (const day of days) {
    deadline.check();
    for (const { values, customers, from, to } of clicks.of(day)) {
      for (let row = from; row < to; row++) {
        const place = placeOf[values[row]!]!;
        if (place === 0) continue;
        const customer = customers[row]!;
        if (((chosen[customer >>> 5]! >>> customer) & 1) === 0) continue;
        sorted[ends[place - 1]!] = customer;
        ends[place - 1]! += 1;
      }
    }
  }
  return { clicks: sorted, ends };
}
