import {
  type Clock,
  IngotError,
  type Lake,
  type Logger,
  type ObjectInfo,
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
import { type CleanTask, cleanObject } from "./clean-object.ts";

export interface CleanerOptions {
  lake: Pick<Lake, "bronze" | "silver" | "quarantine">;
  businessTimezone: string;
  emailHashKey: string | undefined;
  /** Objects cleaned at the same time. */
  concurrency: number;
  clock: Clock;
  logger: Logger;
}

export interface CleanerReport extends PassReport {
  /** Objects cleaned in this pass. */
  objects: number;
  records: CleanCounts;
}

export interface Cleaner {
  /** Cleans every bronze object that has no silver object yet, or was replaced since. */
  pass(signal: AbortSignal): Promise<CleanerReport>;
  /** Cleans every bronze object anew, whatever silver has: for changed rules, keys or time zones. */
  cleanAll(signal: AbortSignal): Promise<CleanerReport>;
}

export function createCleaner(options: CleanerOptions): Cleaner {
  const { lake, clock, logger } = options;
  const context = createRuleContext(options);
  const backlog = createBacklog(lake, logger);
  return {
    pass: async (signal) => {
      const { tasks, unsettledMs } = await backlog.find(clock.now());
      const report = await work(tasks, options, context, signal);
      return { ...report, moreInMs: signal.aborted ? undefined : unsettledMs };
    },
    cleanAll: async (signal) => {
      const tasks: CleanTask[] = [];
      for await (const { key } of lake.bronze.list()) {
        const dataset = datasetOfBronze(key);
        if (dataset) tasks.push({ key, dataset, replace: true });
      }
      return work(tasks, options, context, signal);
    },
  };
}

/** Works tasks off, several at a time. A task that fails does not stop the others. */
async function work(
  tasks: readonly CleanTask[],
  options: CleanerOptions,
  context: RuleContext,
  signal: AbortSignal,
): Promise<CleanerReport> {
  const records = noCounts();
  const failures: PassFailure[] = [];
  let objects = 0;
  let next = 0;
  let unavailable = 0;
  const worker = async (): Promise<void> => {
    while (next < tasks.length && !signal.aborted) {
      const task = tasks[next++]!;
      try {
        const counts = await cleanObject(options.lake, task, context);
        objects += 1;
        addCounts(records, counts);
        options.logger.info({ key: task.key, ...counts }, "cleaned");
        unavailable = 0;
      } catch (error) {
        // Somebody took it away since it was listed.
        if (error instanceof IngotError && error.code === "object_missing") continue;
        // One object may be out of reach; when all are, the storage is, and the loop's backoff is the answer.
        unavailable = isUnavailable(error) ? unavailable + 1 : 0;
        if (unavailable > 2 * options.concurrency) throw error;
        failures.push({ key: task.key, error });
      }
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return { objects, records, failures, moreInMs: undefined };
}

function isUnavailable(error: unknown): boolean {
  return error instanceof IngotError && error.code === "storage_unavailable";
}

/** Finds bronze objects that have to be cleaned. */
function createBacklog(lake: CleanerOptions["lake"], logger: Logger) {
  const unrecognised = new Set<string>();
  /** ETags of bronze objects that are younger than their silver object but are known to be what was cleaned. */
  const unchanged = new Map<string, string>();

  const isUnchanged = async (bronze: ObjectInfo, silver: ObjectInfo): Promise<boolean> => {
    if (bronze.modified < silver.modified || unchanged.get(bronze.key) === bronze.etag) return true;
    const cleaned = await lake.silver.stat(silver.key);
    if (cleaned?.metadata.source_etag !== bronze.etag) return false;
    unchanged.set(bronze.key, bronze.etag);
    return true;
  };

  const find = async (now: Date): Promise<{ tasks: CleanTask[]; unsettledMs: number | undefined }> => {
    const silver = new Map<string, ObjectInfo>();
    for await (const info of lake.silver.list()) silver.set(info.key, info);
    const tasks: CleanTask[] = [];
    let unsettledMs: number | undefined;
    for await (const bronze of lake.bronze.list()) {
      const dataset = datasetOfBronze(bronze.key);
      if (!dataset) {
        if (!unrecognised.has(bronze.key))
          logger.warn({ key: bronze.key }, "unrecognised object, left alone");
        unrecognised.add(bronze.key);
        continue;
      }
      const done = silver.get(silverKey(dataset, bronze.key));
      if (done && (await isUnchanged(bronze, done))) continue;
      // Somebody may still be copying it in. A time in the future is a wrong clock, not a young object.
      const ageMs = now.getTime() - bronze.modified.getTime();
      if (ageMs >= 0 && ageMs < lake.bronze.settleMs) {
        unsettledMs = Math.max(unsettledMs ?? 0, lake.bronze.settleMs - ageMs);
        continue;
      }
      if (done) logger.warn({ key: bronze.key }, "changed since it was cleaned; cleaning it anew");
      tasks.push({ key: bronze.key, dataset, replace: done !== undefined });
    }
    return { tasks, unsettledMs };
  };
  return { find };
}
