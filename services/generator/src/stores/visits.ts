import type { Random } from "../random.ts";
import type { Store } from "./chain.ts";
import type { RetailFaultRates } from "./faults.ts";

/** An hour of a store. A count that got lost is null. */
export interface Visits {
  visitors: number | null;
  /** Baskets sold. */
  sales: number | null;
}

export const CLOSED: Readonly<Visits> = { visitors: 0, sales: 0 };
/** What stands for an hour of which nothing is known. */
export const UNKNOWN: Readonly<Visits> = { visitors: null, sales: null };

/** How full a store is in an hour, in percent of its capacity, both included. */
function crowd(hour: number): { low: number; high: number } {
  if (hour < 8) return { low: 5, high: 35 };
  return hour < 20 ? { low: 20, high: 80 } : { low: 5, high: 30 };
}

export const isOpen = ({ opening_hour, closing_hour }: Store, hour: number): boolean =>
  hour >= Number(opening_hour) && hour < Number(closing_hour);

/** @param date `yyyy-MM-dd` */
export const isWeekend = (date: string): boolean =>
  [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());

/**
 * What an open hour brings (contract: retail stores, section 3): visitors and sales are drawn each on its own, so that
 * there may be more sales than visitors. Factors are in percent and bounds in whole numbers, so that nothing is lost to
 * binary fractions: 1.15 × 100 is 115.
 *
 * @param errors another stream than `random`: without errors all other counts stay the same
 * @throws RangeError for a capacity that is none
 */
export function visitsOf(
  { capacity }: Store,
  hour: number,
  given: { isWeekend: boolean; faults: RetailFaultRates; random: Random; errors: Random },
): Visits {
  const { faults, random, errors } = given;
  const { low, high } = crowd(hour);
  const share = (percent: number): number => Math.round((capacity * percent) / 100);
  const salesShare = (percent: number): number => Math.round((capacity * 4 * percent) / 1000);
  const drawn: Visits = {
    visitors: Math.min(capacity, random.between(share(low), share(high))),
    sales: random.between(salesShare(low), salesShare(high)),
  };
  const isMissing = errors.chance(faults.missing_hour);
  const isAberrant = errors.chance(faults.aberrant_visitors);
  const aberrant = errors.between(10_000, 50_000);
  const counted = isMissing ? UNKNOWN : drawn;
  const { visitors, sales } = isAberrant ? { visitors: aberrant, sales: counted.sales } : counted;
  return given.isWeekend ? { visitors: times(visitors, 125), sales: times(sales, 115) } : { visitors, sales };
}

const times = (count: number | null, percent: number): number | null =>
  count === null ? null : Math.floor((count * percent) / 100);
