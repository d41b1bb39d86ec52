import {
  type Clock,
  formatCents,
  IngotError,
  type Lake,
  type Logger,
  type PassFailure,
  type PassReport,
  sha256Of,
} from "@ingot/common";
import { datasetOfSilver, type LoadedKpis } from "@ingot/pipelines";
import type { IngestedObject, Warehouse } from "@ingot/warehouse";
import { createPublisher } from "./publisher.ts";
import { renderKpis } from "./render.ts";
import { type ListedSilver, toSilverObject } from "./silver-intake.ts";

export interface AggregatorOptions {
  lake: Pick<Lake, "silver" | "gold">;
  warehouse: Warehouse;
  /** Read at every pass, so that a KPI appears when its file does. */
  loadKpis(): Promise<LoadedKpis>;
  /** Versions of each KPI to keep. */
  goldHistory: number;
  /** Days after which older versions are deleted, whatever `goldHistory` keeps. */
  goldRetentionDays?: number | undefined;
  clock: Clock;
  logger: Logger;
}

export interface AggregatorReport extends PassReport {
  /** Silver objects taken in. */
  objects: number;
  /** KPIs that changed in gold. */
  published: number;
  /** All of history, as gold shows it. */
  sales: { orders: string; revenue: string };
}

export interface Aggregator {
  /** Takes in what is new in silver; when all of it is in, brings gold up to date. */
  pass(signal: AbortSignal): Promise<AggregatorReport>;
  /** Fills the warehouse anew from all of silver, then brings gold up to date. */
  rebuild(): Promise<AggregatorReport>;
}

/** What is taken in together, in one transaction, at the most (one object may be larger). */
const BATCH_OBJECTS = 200;
const BATCH_BYTES = 64 * 1024 * 1024;

export function createAggregator(options: AggregatorOptions): Aggregator {
  const { lake, warehouse, clock, logger } = options;
  const { goldHistory: history, goldRetentionDays: retentionDays } = options;
  const publisher = createPublisher({ gold: lake.gold, history, retentionDays, clock });
  const unrecognised = new Set<string>();

  const listSilver = async (): Promise<ListedSilver[]> => {
    const listed: ListedSilver[] = [];
    for await (const info of lake.silver.list()) {
      const dataset = datasetOfSilver(info.key);
      if (dataset) listed.push({ info, dataset });
      else if (!unrecognised.has(info.key))
        logger.warn({ key: info.key }, "not written by the cleaner, left alone");
      if (!dataset) unrecognised.add(info.key);
    }
    return listed;
  };

  const publish = async (objects: number, failures: readonly PassFailure[]): Promise<AggregatorReport> => {
    const { kpis, invalid } = await options.loadKpis();
    const { rendered, failed } = await renderKpis(warehouse, kpis);
    const broken = [...invalid, ...failed];
    const published = await publisher.publish(
      rendered,
      broken.map(({ name }) => name),
    );
    if (published > 0) logger.info({ objects, kpis: published }, "gold changed");
    const all = [...failures, ...broken.map(({ name, error }) => ({ key: name, error }))];
    return { objects, published, sales: await salesOf(warehouse), failures: all, moreInMs: undefined };
  };

  const rebuildFrom = async (listed: readonly ListedSilver[]): Promise<AggregatorReport> => {
    const objects = listed.map((silver) => toSilverObject(lake.silver, silver));
    const { ingested, failed } = await warehouse.rebuild(objects);
    logger.info({ objects: ingested.length }, "warehouse filled anew");
    return publish(ingested.length, failed);
  };

  const pass: Aggregator["pass"] = async (signal) => {
    const listed = await listSilver();
    const { fresh, isRewritten } = await compare(listed, await warehouse.ingestedObjects(), options);
    if (isRewritten) return rebuildFrom(listed);
    const failures: PassFailure[] = [];
    let objects = 0;
    for (const batch of batches(fresh)) {
      if (signal.aborted) {
        return { objects, published: 0, sales: await salesOf(warehouse), failures, moreInMs: undefined };
      }
      const { ingested, failed } = await warehouse.ingest(
        batch.map((silver) => toSilverObject(lake.silver, silver)),
      );
      // An object that is broken waits for somebody; a storage that does not answer is the whole pass's failure.
      const outage = failed.find(
        ({ error }) => error instanceof IngotError && error.code === "storage_unavailable",
      );
      if (outage) throw outage.error;
      objects += ingested.length;
      failures.push(...failed);
    }
    return publish(objects, failures);
  };
  return { pass, rebuild: async () => rebuildFrom(await listSilver()) };
}

/** What is new, and whether an object that was taken in has other content by now. */
async function compare(
  listed: readonly ListedSilver[],
  ingested: ReadonlyMap<string, IngestedObject>,
  { lake, warehouse, logger }: AggregatorOptions,
): Promise<{ fresh: ListedSilver[]; isRewritten: boolean }> {
  const fresh: ListedSilver[] = [];
  for (const silver of listed) {
    const { key, etag } = silver.info;
    const known = ingested.get(key);
    if (!known) fresh.push(silver);
    else if (known.etag !== etag) {
      const stored = await lake.silver.read(key);
      if ((await sha256Of(stored.body)) !== known.sha256) {
        logger.warn({ key }, "silver object was rewritten; filling the warehouse anew");
        return { fresh: [], isRewritten: true };
      }
      await warehouse.setEtag(key, stored.etag);
    }
  }
  return { fresh, isRewritten: false };
}

/** Groups of objects that are taken in together, in the order of the listing. */
function* batches(listed: readonly ListedSilver[]): Generator<ListedSilver[]> {
  let batch: ListedSilver[] = [];
  let bytes = 0;
  for (const silver of listed) {
    if (batch.length > 0 && (batch.length >= BATCH_OBJECTS || bytes + silver.info.size > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(silver);
    bytes += silver.info.size;
  }
  if (batch.length > 0) yield batch;
}

async function salesOf(warehouse: Warehouse): Promise<AggregatorReport["sales"]> {
  const sql = "select coalesce(sum(orders), 0), coalesce(sum(revenue), 0) from sales_by_channel";
  const { rows } = await warehouse.query(sql);
  const [orders, revenue] = rows[0] as [bigint, bigint];
  return { orders: orders.toLocaleString("en-US"), revenue: formatCents(revenue) };
}
