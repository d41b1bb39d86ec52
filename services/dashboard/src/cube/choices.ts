import { compareKeys } from "@ingot/common";
import type { Choice, FilterChoices } from "../api/contract.ts";
import { dateOf } from "./days.ts";
import { compareBigInts, money } from "./figures.ts";
import type { History } from "./history.ts";

/** What can be chosen. Days with visits alone count once visits are read. @throws IngotError of the feed */
export function choicesOf(history: History): Omit<FilterChoices, "today"> {
  return history.ask((sales, { days, columns }) => {
    const choices = (column: "product" | "channel" | "country"): Choice[] =>
      sales
        .revenueBy(column)
        .sort((a, b) => compareBigInts(b.revenue, a.revenue) || compareKeys(a.name, b.name))
        .map(({ name, revenue }) => ({ name, revenue: money(revenue) }));
    return {
      ...spanOfAll(days.keys(), columns.clicks.keys()),
      channels: choices("channel"),
      countries: choices("country"),
      products: choices("product"),
    };
  });
}

function spanOfAll(...days: Iterable<number>[]): Pick<FilterChoices, "days"> {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const some of days)
    for (const day of some) [first, last] = [Math.min(first, day), Math.max(last, day)];
  return first > last ? {} : { days: { first: dateOf(first), last: dateOf(last) } };
}
