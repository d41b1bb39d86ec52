import { AVERAGED, RATES, type RateColumn, SUMMED, type SummedColumn } from "./metric-columns.ts";
import type { StoreMetrics } from "./metrics.ts";

/** What rows add up to. */
export type Sums = Record<SummedColumn, number>;

/** Repaired visitors may have any number of decimals; what adding binary fractions does to the last ones is taken away. */
const PRECISION = 1e6;
export const tidy = (value: number): number => {
  const rounded = Math.round(value * PRECISION) / PRECISION;
  return Number.isFinite(rounded) ? rounded : value;
};

/** Adds up rows of the same stretch of time. */
export class Sum {
  readonly #metrics: StoreMetrics;
  readonly #sums = Object.fromEntries(SUMMED.map((name) => [name, 0])) as Sums;
  readonly #means = AVERAGED.map(() => ({ sum: 0, count: 0 }));

  constructor(metrics: StoreMetrics) {
    this.#metrics = metrics;
  }

  add(row: number): void {
    const { values } = this.#metrics;
    for (const name of SUMMED) {
      const value = values[name][row]!;
      if (!Number.isNaN(value)) this.#sums[name] += value;
    }
    for (const [place, name] of AVERAGED.entries()) {
      const value = values[name][row]!;
      if (Number.isNaN(value)) continue;
      const mean = this.#means[place]!;
      mean.sum += value;
      mean.count += 1;
    }
  }

  sums(): Sums {
    return Object.fromEntries(SUMMED.map((name) => [name, tidy(this.#sums[name])])) as Sums;
  }

  means(): Record<(typeof AVERAGED)[number], number | null> {
    return Object.fromEntries(
      AVERAGED.map((name, place) => {
        const { sum, count } = this.#means[place]!;
        return [name, count === 0 ? null : tidy(sum / count)];
      }),
    ) as Record<(typeof AVERAGED)[number], number | null>;
  }
}

/** Rates of sums; `null` where there is nothing to divide by. */
export function ratesOf(sums: Sums): Record<RateColumn, number | null> {
  return Object.fromEntries(
    Object.entries(RATES).map(([name, { of, per, factor }]) => [
      name,
      sums[per] === 0 ? null : tidy((factor * sums[of]) / sums[per]),
    ]),
  ) as Record<RateColumn, number | null>;
}
