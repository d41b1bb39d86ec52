import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "@ingot/common";

/** A clock that is set by hand. Its sleeps end when it has passed that much time, however it was set meanwhile. */
export interface MovableClock extends Clock {
  /** Sets it, as somebody does whose clock was wrong: no time passes. */
  set(instant: string): void;
  pass(ms: number): void;
  /** Lets time pass until the work is done, half a second at a time and only while it does nothing but sleep. */
  during<T>(work: Promise<T>, isBusy?: () => boolean): Promise<T>;
}

const STEP_MS = 500;

export function movableClock(instant: string): MovableClock {
  let nowMs = Date.parse(instant);
  let passedMs = 0;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const clock: MovableClock = {
    now: () => new Date(nowMs),
    sleep: (ms, signal) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = {
          at: passedMs + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", sleeper.wake, { once: true });
      }),
    set: (at) => {
      nowMs = Date.parse(at);
    },
    pass: (ms) => {
      nowMs += ms;
      passedMs += ms;
      for (const { at, wake } of [...sleepers]) if (at <= passedMs) wake();
    },
    during: async (work, isBusy = () => false) => {
      let isDone = false;
      const end = () => {
        isDone = true;
      };
      work.then(end, end);
      while (!isDone) {
        await delay(1);
        if (!isBusy() && !isDone) clock.pass(STEP_MS);
      }
      return await work;
    },
  };
  return clock;
}
