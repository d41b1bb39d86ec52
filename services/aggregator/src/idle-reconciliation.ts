import { type Clock, type Logger, messageOf } from "@ingot/common";
import type { Aggregator } from "./aggregator.ts";
import { createIdleWork, type IdleWork } from "./idle-work.ts";

const FIRST_AFTER_MS = 5 * 60_000;

/** Compares gold with silver now and then beside the aggregator's own work. Whatever becomes of it, it never fails. */
export function createIdleReconciliation({
  reconcile,
  everyMs,
  clock,
  logger,
}: Pick<Aggregator, "reconcile"> & { everyMs: number; clock: Clock; logger: Logger }): IdleWork {
  let lastFailure = "";
  const work = async (signal: AbortSignal): Promise<void> => {
    let failure = "";
    try {
      await reconcile(signal);
    } catch (error) {
      failure = messageOf(error);
    }
    if (failure !== "" && failure !== lastFailure && !signal.aborted) {
      logger.warn(`Gold could not be compared with silver: ${failure} (trying again)`);
    }
    lastFailure = failure;
  };
  const firstAfterMs = Math.min(FIRST_AFTER_MS, everyMs);
  return createIdleWork({ clock, firstAfterMs, everyMs, needsRest: false, work });
}
