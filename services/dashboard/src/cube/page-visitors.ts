import { type BitSet, bitSet } from "./bit-set.ts";
import type { CustomerColumns } from "./customer-columns.ts";
import { addNew } from "./customer-loops.ts";
import { type DaySpan, daysWithin } from "./days.ts";
import type { Deadline } from "./deadline.ts";

/** Different customers on each of some pages, of those that are chosen. @throws IngotError `query_timeout` */
export function countPageVisitors(
  { clicks, customers }: CustomerColumns,
  chosen: BitSet,
  span: DaySpan,
  pages: readonly number[],
  deadline: Deadline,
): number[] {
  const days = daysWithin(clicks, span);
  const seen = bitSet(customers);
  return pages.map((page) => {
    deadline.check();
    seen.fill(0);
    let visitors = 0;
    for (const day of days)
      clicks.visitValue(day, page, (rows, from, to) => {
        visitors += addNew(rows, from, to, chosen, seen);
      });
    return visitors;
  });
}
