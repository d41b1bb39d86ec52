import {
  type Alarms,
  type Clock,
  formatCents,
  IngotError,
  type Lake,
  type Logger,
  NO_ALARMS,
  NO_OBJECT_METER,
  type OpenObjectMeter,
  type PassFailure,
  type PassReport,
} from "@ingot/common";
import type { CheckResult } from "@ingot/engine/checks";
import type { LoadedModels, SilverRecord } from "@ingot/pipelines";
import type { IngestReport, SilverObject, Warehouse } from "@ingot/warehouse";
import { createPublisher } from "./publisher.ts";
import { createQuality } from "./quality/quality.ts";
import { reconcile } from "./quality/reconciliation.ts";
import { createSilverFinder } from "./silver-finder.ts";
import { type ListedSilver, takingIn } from "./silver-intake.ts";
import { createSilverStates } from "./silver-lineage.ts";

export interface AggregatorOptions {
  lake: Pick<Lake, "silver" | "gold">;
  warehouse: Warehouse;
  /** Read at every pass, so that a KPI appears when its file does. */
  loadModels(): Promise<LoadedModels>;
  /** Versions of each KPI to keep. */
  goldHistory: number;
  /** Days after which older versions are deleted, whatever `goldHistory` keeps. */
  goldRetentionDays?: number | undefined;
  clock: Clock;
  logger: Logger;
  alarms?: Alarms | undefined;
  /** Run every check whenever gold may change, and wait for it, however long it takes. */
  isThorough?: boolean | undefined;
  /** Shows how far the aggregator is, where somebody watches. */
  meter?: OpenObjectMeter | undefined;
}

export interface AggregatorReport extends PassReport {
  /** Silver objects taken in. */
  objects: number;
  /** KPIs that changed in gold. */
  published: number;
  /** What the checks found. */
  checks: readonly CheckResult[];
  /** All of history, as gold shows it. */
  sales: { orders: string; revenue: string };
}

export interface Aggregator {
  /** Takes in what is new in silver; when all of it is in, brings gold up to date. */
  pass(signal: AbortSignal): Promise<AggregatorReport>;
  /** Fills the warehouse anew from all of silver, then brings gold up to date. */
  rebuild(): Promise<AggregatorReport>;
  /** Something may have happened to this silver object; the next pass looks at it, wherever it lies. */
  hint(key: string): void;
  /**
   * Runs every check on what is in the warehouse now, and compares it with silver; changes nothing.
   *
   * @returns what they found, and the KPIs that could not be made
   */
  check(signal: AbortSignal): Promise<Pick<AggregatorReport, "checks" | "failures">>;
  /** Compares gold with silver, beside the passes; they tell what it found. @throws IngotError, the signal's reason */
  reconcile(signal: AbortSignal): Promise<void>;
  /** Waits for what is under way beside the passes. */
  close(): Promise<void>;
}

/** What is taken in together, in one transaction, at the most (one object may be larger). */
const BATCH_OBJECTS = 200;
const BATCH_BYTES = 64 * 1024 * 1024;
/** To fill the warehouse anew costs less than half as much for each byte. */
const REFILL_SHARE = 0.5;
/** What a comparison with silver may take beside the passes. */
const DUCK_DB = { threads: 1, memoryBytes: 160 * 1024 * 1024 };

export function createAggregator(options: AggregatorOptions): Aggregator {
  const { lake, warehouse, clock, logger } = options;
  const { goldHistory: history, goldRetentionDays: retentionDays } = options;
  const publisher = createPublisher({ gold: lake.gold, history, retentionDays, clock });
  const finder = createSilverFinder({ lake, warehouse, clock, logger });
  const silverStates = createSilverStates(warehouse);
  const quality = createQuality({ ...options, alarms: options.alarms ?? NO_ALARMS });

  /** What the warehouse holds, if nobody has changed it since it was in this state. */
  const silverAt = async (revision: string): Promise<SilverRecord | undefined> => {
    const state = await silverStates();
    return state.revision === revision ? state.silver : undefined;
  };

  const publish = async (objects: number, failures: readonly PassFailure[]): Promise<AggregatorReport> => {
    const models = await options.loadModels();
    const { rendered, revision, broken, checks, stopping } = await quality.assess(models);
    await quality.log(checks, rendered);
    const published =
      stopping.length > 0
        ? 0
        : await publisher.publish(
            rendered,
            broken.map(({ name }) => name),
            () => silverAt(revision),
          );
    if (published > 0) logger.info({ objects, kpis: published }, "gold changed");
    const all = [...failures, ...broken.map(({ name, error }) => ({ key: name, error }))];
    const sales = await salesOf(warehouse);
    return { objects, published, checks, sales, failures: all, blocked: stopping[0], moreInMs: undefined };
  };

  const stopped = async (objects: number, failures: readonly PassFailure[]): Promise<AggregatorReport> => {
    const sales = await salesOf(warehouse);
    return { objects, published: 0, checks: [], sales, failures, moreInMs: undefined };
  };

  const metered = <T>(
    listed: readonly ListedSilver[],
    work: (toObject: (silver: ListedSilver) => SilverObject) => Promise<T>,
  ): Promise<T> => takingIn(lake.silver, listed, options.meter ?? NO_OBJECT_METER, work);

  const refill = async (signal?: AbortSignal): Promise<IngestReport> => {
    const listed = await finder.all();
    const report = await metered(listed, (toObject) =>
      warehouse.rebuild(listed.map(toObject), signal && { signal }),
    );
    logger.info({ objects: report.ingested.length }, "warehouse filled anew");
    await quality.begin(true);
    return report;
  };

  /** Takes objects in, in steps. */
  const takeIn = async (
    fresh: readonly ListedSilver[],
    signal: AbortSignal,
  ): Promise<{ objects: number; failures: PassFailure[] }> => {
    const failures: PassFailure[] = [];
    let objects = 0;
    await metered(fresh, async (toObject) => {
      for (const batch of batches(fresh)) {
        if (signal.aborted) return;
        const { ingested, failed } = await warehouse.ingest(batch.map(toObject));
        // An object that is broken waits for somebody; a storage that does not answer is the whole pass's failure.
        const outage = failed.find(
          ({ error }) => error instanceof IngotError && error.code === "storage_unavailable",
        );
        if (outage) throw outage.error;
        quality.add(ingested);
        objects += ingested.length;
        failures.push(...failed);
        const broken = new Set(failed.map(({ key }) => key));
        for (const silver of batch) if (!broken.has(silver.info.key)) finder.settle(silver);
      }
    });
    return { objects, failures };
  };

  /** True where it is faster to fill the warehouse anew than to take these objects in. */
  const isFarBehind = async (fresh: readonly ListedSilver[]): Promise<boolean> => {
    const bytes = bytesOf(fresh);
    return bytes > BATCH_BYTES && bytes > REFILL_SHARE * bytesOf(await finder.all());
  };

  const pass: Aggregator["pass"] = async (signal) => {
    await quality.begin();
    const { fresh, isRewritten } = await finder.find();
    if (isRewritten || (await isFarBehind(fresh))) {
      try {
        const { ingested, failed } = await refill(signal);
        return await publish(ingested.length, failed);
      } catch (error) {
        if (signal.aborted) return stopped(0, []);
        // One object that cannot be read now keeps no others out, unless what is in is known to be wrong.
        if (isRewritten || !isOfOneObject(error)) throw error;
        logger.warn({ error }, "the warehouse cannot be filled at once; taking objects in bit by bit");
      }
    }
    const { objects, failures } = await takeIn(fresh, signal);
    return signal.aborted ? stopped(objects, failures) : publish(objects, failures);
  };
  const rebuild: Aggregator["rebuild"] = async () => {
    const { ingested, failed } = await refill();
    return publish(ingested.length, failed);
  };
  const reconcileAside: Aggregator["reconcile"] = async (signal) => {
    const result = await reconcile({ lake, warehouse, duckDb: DUCK_DB, signal });
    if (result) await quality.note(result);
  };
  const check: Aggregator["check"] = async (signal) => {
    await quality.begin();
    const result = await reconcile({ lake, warehouse, duckDb: {}, signal });
    if (result) await quality.note(result);
    const { checks, broken } = await quality.assess(await options.loadModels());
    return { checks, failures: broken.map(({ name, error }) => ({ key: name, error })) };
  };
  return { pass, rebuild, check, reconcile: reconcileAside, hint: finder.hint, close: quality.close };
}

/** An object that changes while it is read, or may not be read. */
function isOfOneObject(error: unknown): boolean {
  return error instanceof IngotError && ["object_changed", "storage_denied"].includes(error.code);
}

function bytesOf(listed: readonly ListedSilver[]): number {
  return listed.reduce((bytes, { info }) => bytes + info.size, 0);
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
