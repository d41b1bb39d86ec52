import type { CellBlock } from "./cell-block.ts";
import { addBlock } from "./day-cells.ts";
import { type DaySpan, daysWithin } from "./days.ts";
import type { Deadline } from "./deadline.ts";
import { MOST_EXACT, SalesSums, type Sums } from "./exact-sums.ts";
import type { LoadedHistory } from "./history.ts";
import type { Selection } from "./selection.ts";

export interface PeriodSales {
  total: Sums;
  /** Days on which something was sold, in their order. */
  days: readonly { day: number; sums: Sums }[];
  /** By ids of labels. */
  products: ReadonlyMap<number, Sums>;
  channels: ReadonlyMap<number, Sums>;
  countries: ReadonlyMap<number, Sums>;
}

/** Sums the chosen sales of a period, whose cells have to be there. @throws IngotError `query_timeout` */
export function sumSales(
  { labels, days }: LoadedHistory,
  selection: Selection,
  span: DaySpan,
  deadline: Deadline,
): PeriodSales {
  const within = daysWithin(days, span);
  const byDay = new SalesSums(within.length);
  const byKind = new SalesSums(labels.kinds);
  const byCountry = new SalesSums(labels.countries);
  const all = [byDay, byKind, byCountry];
  let expected = 0;
  const expect = ({ greatestSum }: CellBlock): void => {
    if (expected + greatestSum > MOST_EXACT) {
      for (const sums of all) sums.settle();
      expected = 0;
    }
    expected += greatestSum;
  };
  for (const [index, day] of within.entries()) {
    deadline.check();
    for (const block of days.get(day)!.blocks!) {
      expect(block);
      const { orders, quantity, revenue } = addBlock(block, selection, byKind, byCountry);
      byDay.orders[index]! += orders;
      byDay.quantity.floats[index]! += quantity;
      byDay.revenue.floats[index]! += revenue;
    }
  }
  const { productOfKind, channelOfKind } = labels;
  return {
    total: byDay.total(),
    days: within.flatMap((day, index) => (byDay.orders[index] === 0 ? [] : [{ day, sums: byDay.of(index) }])),
    products: byKind.by((kind) => productOfKind.values[kind]!),
    channels: byKind.by((kind) => channelOfKind.values[kind]!),
    countries: byCountry.by((country) => labels.labelOfCountry(country)),
  };
}
