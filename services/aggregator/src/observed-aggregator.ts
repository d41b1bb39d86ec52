import { type Metrics, NO_METRICS, overriding, timed } from "@ingot/common";
import { readManifest } from "@ingot/pipelines";
import type { IngestReport, Warehouse } from "@ingot/warehouse";
import {
  type Aggregator,
  type AggregatorOptions,
  type AggregatorReport,
  createAggregator,
} from "./aggregator.ts";

type Meter = NonNullable<AggregatorOptions["meter"]>;

/** An aggregator that tells the figures of its work. */
export function createObservedAggregator(options: AggregatorOptions, metrics: Metrics): Aggregator {
  if (metrics === NO_METRICS) return createAggregator(options);
  const { lake, clock, meter } = options;
  const arrivals = new Arrivals();
  const silver = arrivals.observed(lake.silver);
  const warehouse = observedWarehouse(options.warehouse, metrics, arrivals);
  const waiting = meter && observedMeter(meter, metrics);
  const aggregator = createAggregator({ ...options, lake: { ...lake, silver }, warehouse, meter: waiting });

  let goldChanged: number | undefined;
  metrics.gauge("ingot_gold_changed_timestamp_seconds", {}, () => goldChanged);
  // A restart changes nothing in gold. Where it cannot be read now, the next change tells.
  readManifest(lake.gold).then(
    ({ kpis }) => {
      const times = Object.values(kpis).map(({ updated_at }) => Date.parse(updated_at) / 1000);
      if (times.length > 0) goldChanged ??= Math.max(...times);
    },
    () => undefined,
  );
  // A counter that begins with its first value instead of 0 hides what came first.
  metrics.add("ingot_published_kpis_total", {}, 0);

  const tell = ({ published }: AggregatorReport): void => {
    const nowMs = clock.now().getTime();
    if (published > 0) goldChanged = nowMs / 1000;
    metrics.add("ingot_published_kpis_total", {}, published);
    for (const modified of arrivals.takeIngested()) {
      const seconds = Math.max(0, nowMs - modified.getTime()) / 1000;
      metrics.observe("ingot_lag_seconds", { stage: "silver_to_gold" }, seconds);
    }
  };
  const pass: Aggregator["pass"] = async (signal) => {
    const report = await aggregator.pass(signal);
    tell(report);
    return report;
  };
  return { ...aggregator, pass };
}

/** When the storage took in the silver objects that are on their way to gold. */
class Arrivals {
  readonly #read = new Map<string, Date>();
  #ingested: Date[] = [];

  observed(silver: AggregatorOptions["lake"]["silver"]): AggregatorOptions["lake"]["silver"] {
    const read: typeof silver.read = async (key) => {
      const object = await silver.read(key);
      this.#read.set(key, object.modified);
      return object;
    };
    return overriding(silver, { read });
  }

  /** These are in the warehouse now. What was read beside them is none of it. */
  ingest(keys: readonly string[]): void {
    this.#ingested.push(...keys.flatMap((key) => this.#read.get(key) ?? []));
    this.#read.clear();
  }

  takeIngested(): readonly Date[] {
    const ingested = this.#ingested;
    this.#ingested = [];
    return ingested;
  }
}

function observedWarehouse(warehouse: Warehouse, metrics: Metrics, arrivals: Arrivals): Warehouse {
  const take = async (way: "batch" | "all", work: () => Promise<IngestReport>): Promise<IngestReport> => {
    const report = await timed(metrics, "ingot_ingest_duration_seconds", { way }, work);
    for (const { dataset, rows } of report.ingested) {
      metrics.add("ingot_objects_total", { dataset });
      metrics.add("ingot_ingested_rows_total", { dataset }, rows);
    }
    // What fills the warehouse anew may have lain there for years.
    arrivals.ingest(way === "batch" ? report.ingested.map(({ key }) => key) : []);
    return report;
  };
  return overriding(warehouse, {
    ingest: (objects) => take("batch", () => warehouse.ingest(objects)),
    rebuild: (objects, options) => take("all", () => warehouse.rebuild(objects, options)),
  });
}

/** A meter that also tells how many objects are not taken in yet. */
function observedMeter(meter: Meter, metrics: Metrics): Meter {
  let waiting = 0;
  metrics.gauge("ingot_waiting_objects", {}, () => waiting);
  return (sizes) => {
    const objects = meter(sizes);
    waiting = sizes.length;
    return {
      begin: (size) => {
        const object = objects.begin(size);
        const end = (): void => {
          waiting -= 1;
          object.end();
        };
        return { read: object.read, end };
      },
      close: () => {
        waiting = 0;
        objects.close();
      },
    };
  };
}
