import { type Clock, IngotError, type Logger, messageOf, type ObjectStore } from "@ingot/common";
import type { Compactor, CompactorOptions } from "@ingot/pipelines/tables";
import { createIdleWork, type IdleWork } from "./idle-work.ts";

const FIRST_AFTER_MS = 5 * 60_000;
const EVERY_MS = 60 * 60_000;
/** Objects that were left alone for so long will hardly change once more. */
const QUIET_MS = 60 * 60_000;
/** A tick that comes meanwhile finds the other cores free, and memory enough. */
const DUCK_DB = { threads: 1, memoryBytes: 128 * 1024 * 1024 };

const DENIED_HINTS = {
  keep: " (`ingot credentials` writes a policy that allows it)",
  prune:
    " (who prunes deletes in silver, which is the operator's right: run `ingot compact` now and then instead)",
};

/**
 * Compacts silver once an hour beside the aggregator's own work, when that has nothing to do. Whatever becomes of it, it
 * never fails: everything is in CSV as well.
 */
export function createIdleCompaction({
  silver,
  csv,
  clock,
  logger,
}: Pick<CompactorOptions, "csv"> & {
  silver: ObjectStore;
  clock: Clock;
  logger: Logger;
}): IdleWork {
  let compactor: Compactor | undefined;
  let lastFailure = "";

  const compact = async (signal: AbortSignal): Promise<void> => {
    try {
      // Loaded here only: an aggregator starts without it, and with --once never needs it.
      const { createCompactor } = await import("@ingot/pipelines/tables");
      compactor ??= createCompactor({ silver, quietMs: QUIET_MS, csv, clock, logger, duckDb: DUCK_DB });
      const { failures } = await compactor.pass(signal);
      report(failures[0]?.error, signal);
    } catch (error) {
      report(error, signal);
    }
  };

  const report = (error: unknown, signal: AbortSignal): void => {
    const failure = error === undefined ? "" : messageOf(error);
    if (failure !== "" && failure !== lastFailure && !signal.aborted) {
      const isDenied = error instanceof IngotError && error.code === "storage_denied";
      const hint = isDenied ? DENIED_HINTS[csv] : "";
      logger.warn(`Days of silver were not compacted: ${failure}${hint}`);
    }
    lastFailure = failure;
  };

  const times = { firstAfterMs: FIRST_AFTER_MS, everyMs: EVERY_MS };
  return createIdleWork({ ...times, clock, needsRest: true, work: compact });
}
