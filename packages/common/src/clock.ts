import { setTimeout as delay } from "node:timers/promises";

/** Time as services see it, so that tests need no waiting. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms` milliseconds, or at once when `signal` is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
};

/** An instant as object names carry it: UTC `yyyyMMdd'T'HHmmss` (contract: e-commerce, section 1). */
export function timestamp(instant: Date): string {
  return instant.toISOString().replace(/[-:]/g, "").slice(0, 15);
}
