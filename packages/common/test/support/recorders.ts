import pino from "pino";
import type { Clock } from "../../src/clock.ts";
import type { Logger } from "../../src/logger.ts";

/** A clock that never waits and writes down how long it was asked to. */
export function recordingClock(): Clock & { sleeps: number[] } {
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => new Date(0),
    sleep: async (ms) => {
      sleeps.push(ms);
    },
  };
}

/** A clock whose sleeps last until they are broken off. */
export function endlessClock(): Clock & { sleeping: number } {
  const clock = {
    sleeping: 0,
    now: () => new Date(0),
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted) return resolve();
        clock.sleeping += 1;
        signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
  return clock;
}

export interface LogLine {
  level: string;
  msg: string;
  [field: string]: unknown;
}

/** A real logger whose lines are kept. */
export function recordingLogger(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const options = { base: null, timestamp: false, formatters: { level: (level: string) => ({ level }) } };
  return { lines, logger: pino(options, { write: (line: string) => lines.push(JSON.parse(line)) }) };
}
