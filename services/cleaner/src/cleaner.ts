import {
  type Alarms,
  type Clock,
  createAlarms,
  IngotError,
  type Lake,
  type Logger,
  type Metrics,
  NO_METRICS,
  NO_OBJECT_METER,
  type ObjectInfo,
  type OpenObjectMeter,
  type PassFailure,
  type PassReport,
} from "@ingot/common";
import {
  addCounts,
  type CleanCounts,
  createRuleContext,
  type DatasetName,
  datasetOfBronze,
  ecommerceObjects,
  noCounts,
  type RuleContext,
  silverKey,
} from "@ingot/pipelines";
import { createBacklog, type ListedTask } from "./backlog.ts";
import { type CleanTask, cleanObject } from "./clean-object.ts";
import { type CleanerMetrics, cleanerMetrics } from "./cleaner-metrics.ts";
import { createSchemaWatch, type SchemaWatch } from "./schema-watch.ts";

export interface CleanerOptions {
  lake: Pick<Lake, "bronze" | "silver" | "quarantine">;
  businessTimezone: string;
  emailHashKey: string | undefined;
  /** Objects cleaned at the same time. */
  concurrency: number;
  clock: Clock;
  logger: Logger;
  /** Shows how far the cleaner is, where somebody watches. */
  meter?: OpenObjectMeter | undefined;
  metrics?: Metrics | undefined;
  /** Told of files that look in another way than those before; they are logged alone where it is absent. */
  alarms?: Alarms | undefined;
}

export interface CleanerReport extends PassReport {
  /** Objects cleaned in this pass. */
  objects: number;
  records: CleanCounts;
  /** The same for each dataset that had any. */
  datasets: Partial<Record<DatasetName, CleanedDataset>>;
}

export interface CleanedDataset {
  objects: number;
  /** Of the bronze objects, as they were listed. */
  bytes: number;
  records: CleanCounts;
}

/** A bronze object that is to be cleaned anew, as it was listed. */
export interface AnewObject
  extends Pick<ObjectInfo, "key" | "size" | "etag">,
    Pick<CleanTask, "rejectedBefore"> {}

export interface Cleaner {
  /** Cleans every bronze object that has no silver object yet, or was replaced since. */
  pass(signal: AbortSignal): Promise<CleanerReport>;
  /** Cleans every bronze object anew, whatever silver has: for changed rules, keys or time zones. */
  cleanAll(signal: AbortSignal): Promise<CleanerReport>;
  /**
   * Cleans these bronze objects anew, whatever silver has. Those that are no input, or gone by then, are passed over.
   *
   * @param onCleaned told of each that is done
   */
  cleanAnew(
    objects: Iterable<AnewObject> | AsyncIterable<AnewObject>,
    signal: AbortSignal,
    onCleaned?: (key: string, counts: CleanCounts) => void,
  ): Promise<CleanerReport>;
  /** Something may have happened to this bronze object; the next pass looks at it, wherever it lies. */
  hint(key: string): void;
}

export function createCleaner(options: CleanerOptions): Cleaner {
  const { lake, clock, logger } = options;
  const context = createRuleContext(options);
  const figures = cleanerMetrics(options.metrics ?? NO_METRICS, clock);
  const backlog = createBacklog(lake, { clock, logger });
  const alarms = options.alarms ?? createAlarms("cleaner", { logger, clock, quietMs: 0, sinks: [] });
  const schemas = createSchemaWatch({ silver: lake.silver, clock, logger, alarms });
  const cleanAnew: Cleaner["cleanAnew"] = async (objects, signal, onCleaned = () => undefined) => {
    const tasks: ListedTask[] = [];
    for await (const object of objects) {
      const dataset = datasetOfBronze(object.key);
      if (dataset) tasks.push({ ...object, dataset, replace: true });
    }
    return work(tasks, options, context, signal, {
      figures,
      schemas,
      isDone: async () => false,
      onDone: ({ key }, counts) => counts && onCleaned(key, counts),
    });
  };
  return {
    pass: async (signal) => {
      await schemas.calm();
      const { tasks, unsettledMs } = await backlog.find();
      const report = await work(tasks, options, context, signal, {
        figures,
        schemas,
        isDone: (task) => isDone(lake, task),
        onDone: backlog.settle,
      });
      return { ...report, moreInMs: signal.aborted ? undefined : unsettledMs };
    },
    cleanAll: (signal) => cleanAnew(ecommerceObjects(lake.bronze), signal),
    cleanAnew,
    hint: backlog.hint,
  };
}

/**
 * Objects from this size on are cleaned one at a time: at once they would take as long and more memory, and several
 * cleaners would all be at the same ones.
 */
const LARGE_BYTES = 16 * 1024 * 1024;
/** After so long, another cleaner may well have done what the listing still showed as open. */
const LISTING_FRESH_MS = 250;

interface WorkHooks {
  figures: CleanerMetrics;
  schemas: SchemaWatch;
  /** True where another cleaner has done it meanwhile. */
  isDone(task: ListedTask): Promise<boolean>;
  /** @param counts what became of its records; `undefined` where another cleaner has done it */
  onDone(task: ListedTask, counts?: CleanCounts): void;
}

/**
 * Works tasks off, several at a time. A task that fails does not stop the others. The order is random and what another
 * cleaner has done meanwhile is passed over, so that many cleaners share the work without knowing of each other.
 */
async function work(
  tasks: readonly ListedTask[],
  options: CleanerOptions,
  context: RuleContext,
  signal: AbortSignal,
  { figures, schemas, isDone, onDone }: WorkHooks,
): Promise<CleanerReport> {
  const { lake, clock, logger, concurrency } = options;
  const meter = (options.meter ?? NO_OBJECT_METER)(tasks.map(({ size }) => size));
  figures.found(tasks);
  const records = noCounts();
  const datasets: CleanerReport["datasets"] = {};
  const failures: PassFailure[] = [];
  const listedAt = clock.now().getTime();
  let objects = 0;
  let unavailable = 0;
  /** Until it shows that others are at the same work, nobody is asked about each small object. */
  let isShared = false;
  const onTaken = (): void => {
    isShared = true;
  };
  const run = async (task: ListedTask): Promise<void> => {
    const metered = meter.begin(task.size);
    try {
      const isStale = clock.now().getTime() - listedAt > LISTING_FRESH_MS;
      const isDear = isShared || task.replace || task.size >= LARGE_BYTES;
      if (isStale && isDear && (await isDone(task))) {
        onDone(task);
        figures.settled(task);
        return;
      }
      const counts = await cleanObject(lake, task, context, signal, {
        onBytes: metered.read,
        onSchema: (schema, etag) => schemas.look(task.dataset, { key: task.key, etag }, schema),
        onTaken,
        now: clock.now,
      });
      onDone(task, counts);
      figures.settled(task, counts);
      objects += 1;
      addCounts(records, counts);
      datasets[task.dataset.name] ??= { objects: 0, bytes: 0, records: noCounts() };
      const cleaned = datasets[task.dataset.name]!;
      cleaned.objects += 1;
      cleaned.bytes += task.size;
      addCounts(cleaned.records, counts);
      logger.info({ key: task.key, ...counts }, "cleaned");
      unavailable = 0;
    } catch (error) {
      if (signal.aborted) return;
      // Somebody took it away since it was listed.
      if (error instanceof IngotError && error.code === "object_missing") {
        figures.settled(task);
        return;
      }
      // One object may be out of reach; when all are, the storage is, and the loop's backoff is the answer.
      unavailable = isUnavailable(error) ? unavailable + 1 : 0;
      if (unavailable > 2 * concurrency) throw error;
      failures.push({ key: task.key, error });
    } finally {
      if (!signal.aborted) metered.end();
    }
  };
  const open = shuffled(tasks);
  const large = open.filter(({ size }) => size >= LARGE_BYTES);
  const small = open.filter(({ size }) => size < LARGE_BYTES);
  const worker = async (queue: ListedTask[]): Promise<void> => {
    for (let task = queue.pop(); task && !signal.aborted; task = queue.pop()) await run(task);
  };
  try {
    await Promise.all([worker(large), ...Array.from({ length: concurrency }, () => worker(small))]);
  } finally {
    meter.close();
  }
  return { objects, records, datasets, failures, moreInMs: undefined };
}

/** True where the task's silver object is there by now, made from the bronze object that was listed. */
async function isDone({ silver }: CleanerOptions["lake"], task: ListedTask): Promise<boolean> {
  const done = await silver.stat(silverKey(task.dataset, task.key));
  return done !== undefined && (!task.replace || done.metadata.source_etag === task.etag);
}

function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

function isUnavailable(error: unknown): boolean {
  return error instanceof IngotError && error.code === "storage_unavailable";
}
