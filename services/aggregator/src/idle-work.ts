import type { Clock } from "@ingot/common";
import type { AggregatorReport } from "./aggregator.ts";

/** Work beside the passes that somebody would hardly miss if it came later. */
export interface IdleWork {
  /** To be told of every pass: it is the time to begin what is due. Returns at once. */
  onPass(report: Pick<AggregatorReport, "objects" | "failures">): void;
  /** Stops what is under way, and waits for it. */
  close(): Promise<void>;
}

export interface IdleWorkOptions {
  clock: Clock;
  /** Milliseconds from the start of the service to the first time: one that was started for a moment has better things to do. */
  firstAfterMs: number;
  /** Milliseconds from the end of one time to the next. */
  everyMs: number;
  /** Wait for a pass that found nothing to do. */
  needsRest: boolean;
  /** Never throws. */
  work(signal: AbortSignal): Promise<void>;
}

/** Work that takes long may take this part of the time. */
const SHARE = 1 / 20;

export function createIdleWork({ clock, firstAfterMs, everyMs, needsRest, work }: IdleWorkOptions): IdleWork {
  const stop = new AbortController();
  let dueAtMs = clock.now().getTime() + firstAfterMs;
  let running: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    const startMs = clock.now().getTime();
    await work(stop.signal);
    const nowMs = clock.now().getTime();
    running = undefined;
    dueAtMs = nowMs + Math.max(everyMs, (nowMs - startMs) / SHARE);
  };
  return {
    onPass: ({ objects, failures }) => {
      const isTime = failures.length === 0 && (!needsRest || objects === 0);
      if (!isTime || running || stop.signal.aborted || clock.now().getTime() < dueAtMs) return;
      running = run();
    },
    close: async () => {
      stop.abort();
      await running;
    },
  };
}
