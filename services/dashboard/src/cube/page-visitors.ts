import type { CustomerColumns } from "./customer-columns.ts";
import { NOBODY } from "./customer-index.ts";
import { type DaySpan, daysWithin } from "./days.ts";
import type { Deadline } from "./deadline.ts";
import type { Selection } from "./selection.ts";

/** Different customers on each of some pages. @throws IngotError `query_timeout` */
export function countPageVisitors(
  columns: CustomerColumns,
  selection: Selection,
  span: DaySpan,
  pages: readonly number[],
  deadline: Deadline,
): number[] {
  const days = daysWithin(columns.clicks, span);
  const chosen = columns.customersOf(selection.countries);
  /** The last page that each customer was on, counted from 1. */
  const lastPage = new Uint32Array(columns.customers);
  return pages.map((page, index) => {
    deadline.check();
    let visitors = 0;
    for (const day of days)
      columns.clicks.visitValue(day, page, (customers, from, to) => {
        for (let row = from; row < to; row++) {
          const customer = customers[row]!;
          if (customer === NOBODY || lastPage[customer] === index + 1) continue;
          lastPage[customer] = index + 1;
          visitors += (chosen[customer >>> 5]! >>> customer) & 1;
        }
      });
    return visitors;
  });
}
