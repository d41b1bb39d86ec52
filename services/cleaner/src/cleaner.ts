import {
  type Clock,
  IngotError,
  type Lake,
  type Logger,
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
  datasetOfBronze,
  noCounts,
  type RuleContext,
  silverKey,
} from "@ingot/pipelines";
import { createBacklog, type ListedTask } from "./backlog.ts";
import { type CleanTask, cleanObject } from "./clean-object.ts";

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
}

export interface CleanerReport extends PassReport {
  /** Objects cleaned in this pass. */
  objects: number;
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
  const backlog = createBacklog(lake, { clock, logger });
  const cleanAnew: Cleaner["cleanAnew"] = async (objects, signal, onCleaned = () => undefined) => {
    const tasks: ListedTask[] = [];
    for await (const object of objects) {
      const dataset = datasetOfBronze(object.key);
      if (dataset) tasks.push({ ...object, dataset, replace: true });
    }
    return work(tasks, options, context, signal, {
      isDone: async () => false,
      onDone: ({ key }, counts) => counts && onCleaned(key, counts),
    });
  };
  return {
    pass: async (signal) => {
      const { tasks, unsettledMs } = await backlog.find();
      const report = await work(tasks, options, context, signal, {
        isDone: (task) => isDone(lake, task),
        onDone: backlog.settle,
      });
      return { ...report, moreInMs: signal.aborted ? undefined : unsettledMs };
    },
    cleanAll: (signal) => cleanAnew(lake.bronze.list(), signal),
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
  { isDone, onDone }: WorkHooks,
): Promise<CleanerReport> {
  const { lake, clock, logger, concurrency } = options;
  const meter = (options.meter ?? NO_OBJECT_METER)(tasks.map(({ size }) => size));
  const records = noCounts();
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
        return;
      }
      const counts = await cleanObject(lake, task, context, signal, { onBytes: metered.read, onTaken });
      onDone(task, counts);
      objects += 1;
      addCounts(records, counts);
      logger.info({ key: task.key, ...counts }, "cleaned");
      unavailable = 0;
    } catch (error) {
      if (signal.aborted) return;
      // Somebody took it away since it was listed.
      if (error instanceof IngotError && error.code === "object_missing") return;
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
  return { objects, records, failures, moreInMs: undefined };
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
