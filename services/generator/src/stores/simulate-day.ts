import type { Baskets, SaleLines } from "./baskets.ts";
import { type Chain, type Store, streamOf } from "./chain.ts";
import { CLOSED, isOpen, isWeekend, UNKNOWN, type Visits, visitsOf } from "./visits.ts";

/** A line of the file of hours, its fields in the file's order (contract: retail stores, section 1). */
export interface RetailHour extends Visits {
  store_id: string;
  store_name: string;
  /** `yyyy-MM-dd` */
  date: string;
  hour: number;
}

export interface SimulatedHour extends SaleLines {
  record: RetailHour;
  store: Store;
  /** What went wrong; the hour's counts are unknown then, and it has no sale lines. */
  error?: unknown;
}

const NO_LINES: SaleLines = { text: "", lines: 0, skipped: 0 };

/**
 * Every hour of every store on a day, store by store. It depends on the chain and the date alone: a day is the same in
 * whatever range it is asked for, and a store whatever other stores there are.
 *
 * @param date `yyyy-MM-dd`
 */
export function* simulateDay(chain: Chain, date: string, baskets: Baskets): Generator<SimulatedHour> {
  const given = { isWeekend: isWeekend(date), faults: chain.faults };
  for (const [index, store] of chain.stores.entries()) {
    const stream = (purpose: string) => streamOf(chain.seed, date, index, purpose);
    const [random, errors] = [stream("visits"), stream("errors")];
    for (let hour = 0; hour < 24; hour++) {
      const named = { store_id: store.id, store_name: store.name, date, hour };
      try {
        const visits = isOpen(store, hour) ? visitsOf(store, hour, { ...given, random, errors }) : CLOSED;
        const sold = visits.sales
          ? baskets.ofHour(store, date, hour, visits.sales, stream(`baskets ${hour}`))
          : NO_LINES;
        yield { record: { ...named, ...visits }, store, ...sold };
      } catch (error) {
        yield { record: { ...named, ...UNKNOWN }, store, ...NO_LINES, error };
      }
    }
  }
}
