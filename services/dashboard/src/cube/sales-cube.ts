import type { Clock, Logger } from "@ingot/common";
import { timeZone } from "@ingot/pipelines";
import type { FilterChoices, SalesFilter, SalesReport, SalesTable } from "../api/contract.ts";
import { todayIn } from "./days.ts";
import type { ThreadData } from "./messages.ts";
import type { SalesTableRows } from "./tables.ts";
import { ThreadLink } from "./thread-link.ts";

export interface SalesCubeOptions {
  /** The warehouse's SQLite file; it need not be there yet. */
  file: string;
  /** IANA: decides the day of a click, and today. */
  timezone: string;
  clock: Clock;
  logger: Logger;
}

export interface QueryLimits {
  /** Milliseconds until the caller gets an answer or an error, whatever happens. */
  timeoutMs: number;
}

/**
 * Sales, customers and visits of the whole history, in memory and in a thread of its own.
 *
 * Days are read newest first, those that a question needs before all others. Customers, orders and clicks follow: until
 * all are read a report says so (`counting`), its `customers` and `conversion` are `null`, and it has no visits. Every method
 * throws `IngotError`: `query_timeout`, `invalid_parameter`, `warehouse_missing`, `warehouse_busy`, `warehouse_invalid`;
 * after any of them the next question tries again.
 */
export interface SalesCube {
  /** Everything of one state of the warehouse, its latest where `refresh` was called since. */
  report(filter: SalesFilter, limits: QueryLimits): Promise<SalesReport>;
  /** All rows of a table. Visits and pages are waited for until they are all read. */
  table(name: SalesTable, filter: SalesFilter, limits: QueryLimits): Promise<SalesTableRows>;
  choices(limits: QueryLimits): Promise<FilterChoices>;
  /** The warehouse may have changed. */
  refresh(): void;
  /** Frees the memory. Whoever still waits for an answer gets an error. */
  close(): Promise<void>;
}

/** Begins to read the warehouse at once. @throws RangeError for a name that is no time zone */
export function openSalesCube({ file, timezone, clock, logger }: SalesCubeOptions): SalesCube {
  const zone = timeZone(timezone);
  const data: ThreadData = { file, timezone };
  const link = new ThreadLink({ program: new URL("./cube-thread.ts", import.meta.url), data, logger });
  return {
    report: (filter, { timeoutMs }) => link.ask({ kind: "report", filter }, timeoutMs),
    table: (name, filter, { timeoutMs }) => link.ask({ kind: "table", name, filter }, timeoutMs),
    choices: async ({ timeoutMs }) => ({
      ...(await link.ask({ kind: "choices" }, timeoutMs)),
      today: todayIn(zone, clock.now()),
    }),
    refresh: () => link.refresh(),
    close: () => link.close(),
  };
}
