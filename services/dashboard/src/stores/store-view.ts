import type { Clock, ObjectStore } from "@ingot/common";
import { timeZone } from "@ingot/pipelines";
import type { StoreChoices, StoreKpis, StoreMonth, StoreSeries, StoreSeriesFilter } from "../api/contract.ts";
import { todayIn } from "../cube/days.ts";
import { yearsOf } from "./calendar.ts";
import { storeCsv } from "./download.ts";
import { storeKpis } from "./kpis.ts";
import { createStoreMetrics, type StoreMetrics } from "./metrics.ts";
import { createStoreRecords, type StoreRecords } from "./records.ts";
import { storeSeries } from "./series.ts";

/** Questions about the stores; metrics are gold's, records silver's. */
export interface StoreView extends StoreRecords {
  choices(): Promise<StoreChoices>;
  /** `undefined` where gold has no metrics. */
  kpis(month: StoreMonth): Promise<StoreKpis | undefined>;
  /** `undefined` where gold has no metrics. */
  series(filter: StoreSeriesFilter): Promise<StoreSeries | undefined>;
  /** The rows behind the charts; `undefined` where gold has no metrics. */
  csv(filter: StoreSeriesFilter, isRaw: boolean): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

export interface StoreViewOptions {
  gold: ObjectStore;
  silver: ObjectStore;
  /** IANA: decides which day is today. */
  timezone: string;
  clock: Clock;
}

/** @throws RangeError for a name that is no time zone */
export function createStoreView({ gold, silver, timezone, clock }: StoreViewOptions): StoreView {
  const zone = timeZone(timezone);
  const today = (): string => todayIn(zone, clock.now());
  const source = createStoreMetrics(gold);
  const records = createStoreRecords(silver);
  const ofMetrics = async <T>(answer: (metrics: StoreMetrics) => T): Promise<Awaited<T> | undefined> => {
    const metrics = await source.now();
    return metrics && (await answer(metrics));
  };
  return {
    ...records,
    choices: async () => {
      const metrics = await source.now();
      return {
        years: metrics ? yearsOf(metrics) : [],
        stores: [...(metrics?.stores ?? [])],
        today: today(),
        ...(metrics && { updated_at: metrics.publishedAt }),
      };
    },
    kpis: (month) => ofMetrics((metrics) => storeKpis(metrics, month, today())),
    series: (filter) => ofMetrics((metrics) => storeSeries(metrics, filter)),
    csv: (filter, isRaw) => ofMetrics((metrics) => storeCsv(source, metrics, filter, isRaw)),
  };
}
