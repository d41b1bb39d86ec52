import type { Figure, StoreKpis, StoreMonth } from "../api/contract.ts";
import { dayNumber } from "../cube/days.ts";
import { calendarDay, monthBefore, spanOf } from "./calendar.ts";
import type { StoreMetrics } from "./metrics.ts";
import { ratesOf, Sum, type Sums } from "./sums.ts";

/**
 * The cards of a month (contract: retail stores, section 7.1).
 *
 * @param today `YYYY-MM-DD`: of its month only the days so far count, and of the month before those until the same number
 */
export function storeKpis(metrics: StoreMetrics, asked: StoreMonth, today: string): StoreKpis {
  const { year, month } = asked;
  const now = calendarDay(dayNumber(today));
  const untilDay = now.year === year && now.month === month ? now.day : undefined;
  const previous = monthBefore(asked);
  const isOfStore = storeFilter(metrics, asked.store);
  const current = sumOfMonth(metrics, asked, isOfStore, untilDay);
  const before = sumOfMonth(metrics, previous, isOfStore, untilDay);
  const cards = Object.entries(FIGURES).map(([name, figureOf]) => [
    name,
    figure(figureOf(current.sums), before.days === 0 ? null : figureOf(before.sums)),
  ]);
  return {
    ...asked,
    ...(untilDay !== undefined && { until_day: untilDay }),
    previous,
    days: current.days,
    cards: Object.fromEntries(cards),
  };
}

const FIGURES: Readonly<Record<keyof StoreKpis["cards"], (sums: Sums) => number>> = {
  visitors: (sums) => sums.total_visitors,
  sales: (sums) => sums.total_transactions,
  revenue: (sums) => sums.total_revenue,
  cost: (sums) => sums.total_cost,
  margin: (sums) => sums.total_margin,
  conversion_rate: (sums) => ratesOf(sums).conversion_rate ?? 0,
  average_basket: (sums) => ratesOf(sums).avg_transaction_value ?? 0,
};

function figure(value: number, previous: number | null): Figure {
  return {
    value,
    previous,
    change: previous === null || previous === 0 ? null : (value - previous) / previous,
  };
}

/** Whether a row counts for a store; every one does where none is asked for, and none where it has no rows. */
export function storeFilter(
  { stores, storeAt }: StoreMetrics,
  store: string | undefined,
): (row: number) => boolean {
  if (store === undefined) return () => true;
  const place = stores.findIndex(({ id }) => id === store);
  return (row) => storeAt[row] === place;
}

function sumOfMonth(
  metrics: StoreMetrics,
  month: { year: number; month: number },
  isOfStore: (row: number) => boolean,
  untilDay = 31,
): { sums: Sums; days: number } {
  const { first, last } = spanOf(month);
  const sum = new Sum(metrics);
  const days = new Set<number>();
  for (let row = 0; row < metrics.rows; row++) {
    const day = metrics.days[row]!;
    if (day < first || day > Math.min(last, first + untilDay - 1) || !isOfStore(row)) continue;
    sum.add(row);
    days.add(day);
  }
  return { sums: sum.sums(), days: days.size };
}
