import type { CounterName, GaugeName, HistogramName, LabelsOf } from "./catalogue.ts";

/** The figures of one service of this process, as METRICS lists them. Never fails, and costs some microseconds. */
export interface Metrics {
  /** Adds to a counter. */
  add<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  /** Adds a value to a histogram, in its unit. */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /**
   * From now on the gauge tells what `read` answers when it is asked, instead of what it told before.
   *
   * @param read `undefined` where there is nothing to tell
   */
  gauge<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, read: () => number | undefined): void;
}

/** For work that nobody watches. */
export const NO_METRICS: Metrics = {
  add: () => undefined,
  observe: () => undefined,
  gauge: () => undefined,
};

/** Runs work and adds how long it took to a histogram of seconds, also where it failed. */
export async function timed<Name extends HistogramName, T>(
  metrics: Metrics,
  name: Name,
  labels: LabelsOf<Name>,
  work: () => Promise<T>,
): Promise<T> {
  const start = performance.now();
  try {
    return await work();
  } finally {
    metrics.observe(name, labels, secondsSince(start));
  }
}

/** @param start what `performance.now()` told */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
