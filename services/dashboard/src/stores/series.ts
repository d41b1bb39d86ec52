import type { StorePoint, StoreSeries, StoreSeriesFilter, StoreStep } from "../api/contract.ts";
import { dateOf } from "../cube/days.ts";
import { spanOf } from "./calendar.ts";
import { storeFilter } from "./kpis.ts";
import type { StoreMetrics } from "./metrics.ts";
import { ratesOf, Sum } from "./sums.ts";

/** The metrics over time (contract: retail stores, section 7.2); stretches without any metrics are left out. */
export function storeSeries(metrics: StoreMetrics, filter: StoreSeriesFilter): StoreSeries {
  const periods = new Map<number, string>();
  const points = grouped(metrics, filter, (row) => {
    const day = metrics.days[row]!;
    const period = periods.get(day) ?? periodOf(day, filter.step);
    periods.set(day, period);
    return period;
  });
  return { ...filter, points: [...points].sort(byKey).map(([period, sum]) => ({ period, ...pointOf(sum) })) };
}

/** The metrics of each quarter and store: what the download of quarters has. */
export function storeQuarters(
  metrics: StoreMetrics,
  filter: StoreSeriesFilter,
): (Omit<StorePoint, "period"> & { quarter: string; store_id: string })[] {
  const { days, storeAt, stores } = metrics;
  const rows = grouped(
    metrics,
    filter,
    (row) => `${periodOf(days[row]!, "quarter")} ${stores[storeAt[row]!]!.id}`,
  );
  return [...rows].sort(byKey).map(([key, sum]) => {
    const [quarter, store_id] = key.split(/ (.*)/s) as [string, string];
    return { quarter, store_id, ...pointOf(sum) };
  });
}

/** Whether a row is in what a filter asks for: the year counts for months and days, the month for days. */
export function seriesFilter(
  metrics: StoreMetrics,
  { step, store, year, month }: StoreSeriesFilter,
): (row: number) => boolean {
  const isOfStore = storeFilter(metrics, store);
  if (step === "year" || step === "quarter" || year === undefined) return isOfStore;
  const { first, last } = spanOf(step === "month" ? { year } : { year, month });
  return (row) => {
    const day = metrics.days[row]!;
    return day >= first && day <= last && isOfStore(row);
  };
}

function grouped(
  metrics: StoreMetrics,
  filter: StoreSeriesFilter,
  keyOf: (row: number) => string,
): Map<string, Sum> {
  const isAskedFor = seriesFilter(metrics, filter);
  const groups = new Map<string, Sum>();
  for (let row = 0; row < metrics.rows; row++) {
    if (!isAskedFor(row)) continue;
    const key = keyOf(row);
    let group = groups.get(key);
    if (!group) {
      group = new Sum(metrics);
      groups.set(key, group);
    }
    group.add(row);
  }
  return groups;
}

function pointOf(sum: Sum): Omit<StorePoint, "period"> {
  const sums = sum.sums();
  return { ...sums, ...sum.means(), ...ratesOf(sums) };
}

function periodOf(day: number, step: StoreStep): string {
  const date = dateOf(day);
  switch (step) {
    case "year":
      return date.slice(0, 4);
    case "quarter":
      return `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`;
    case "month":
      return date.slice(0, 7);
    case "day":
      return date;
  }
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);
