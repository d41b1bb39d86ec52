import { setTimeout as delay } from "node:timers/promises";
import { expect, vi } from "vitest";
import type { WatchOptions } from "../../src/storage/watch.ts";

/** The promise to users: a new object wakes a service within this time. */
export const WITHIN_MS = 1_000;
/** Long enough for a hint that should not come. */
const QUIET_MS = 400;

/** Counts what a watch tells. */
export class Hints implements WatchOptions {
  count = 0;
  readonly reasons: string[] = [];
  /** Of the last hint. */
  lastKey: string | undefined;
  readonly onChange = (key?: string): void => {
    this.count += 1;
    this.lastKey = key;
  };
  readonly onUnable = (reason: string): void => {
    this.reasons.push(reason);
  };

  /** Waits until the watch has said that it is there, and is quiet again. */
  async begun(withinMs = 5_000): Promise<void> {
    await vi.waitFor(() => expect(this.count).toBeGreaterThan(0), { timeout: withinMs, interval: 5 });
    await delay(50);
  }

  /** Does something, and waits for the hint that it has to cause. Returns how long that took, in milliseconds. */
  async after(cause: () => Promise<unknown> | unknown, withinMs = WITHIN_MS): Promise<number> {
    const before = this.count;
    const start = performance.now();
    await cause();
    await vi.waitFor(() => expect(this.count).toBeGreaterThan(before), { timeout: withinMs, interval: 2 });
    return performance.now() - start;
  }

  /** Does something that must cause no hint. */
  async noneAfter(cause: () => Promise<unknown> | unknown): Promise<void> {
    const before = this.count;
    await cause();
    await delay(QUIET_MS);
    expect(this.count).toBe(before);
  }
}
