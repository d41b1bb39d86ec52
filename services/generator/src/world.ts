import { IngotError } from "@ingot/common";
import type { DatasetName } from "@ingot/pipelines";
import { Span } from "./calendar.ts";
import { clicksFile } from "./clicks-file.ts";
import { CustomerPool } from "./customer-pool.ts";
import { customersFile } from "./customers-file.ts";
import type { FaultRates } from "./faults.ts";
import { OrderBook } from "./orders-file.ts";
import { type Customer, People } from "./people.ts";
import { TickContext } from "./tick-context.ts";

/** Records of each dataset. */
export type RowCounts = Record<DatasetName, number>;

export interface WorldOptions {
  /** A whole number, 0 or more. */
  seed: number;
  /** Records of an average tick. */
  rows: Readonly<RowCounts>;
  faults: FaultRates;
}

/** What the shop's systems deliver at one instant. */
export interface Tick {
  at: Date;
  files: Record<DatasetName, Buffer>;
  /** Records in each file. */
  rows: RowCounts;
  /** Ids of the customers whose first record is in the customers file. */
  introduced: readonly string[];
}

/**
 * A shop with its customers, its price list and its habits. The same seed and the same sequence of ticks give the
 * same bytes, on any day and any machine.
 */
export interface World {
  /**
   * What happened between `at - spanMs` and `at`. Ids carry seed and `at`, so each tick must be later than the last.
   *
   * @param at to the millisecond; UTC is the shop's time zone
   * @param spanMs milliseconds, greater than 0
   * @param load how many times the rows of an average tick, default 1
   * @throws IngotError `usage` where `at` is not later than at the tick before, or `spanMs` is not greater than 0
   */
  tick(at: Date, spanMs: number, load?: number): Tick;
  /** Takes customers out: from now on they neither order nor click. */
  forget(customerIds: Iterable<string>): void;
}

/** @throws IngotError `invalid_option` where the seed cannot be used */
export function createWorld(options: WorldOptions): World {
  const { seed } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    const message = `the generator's seed is ${seed}: give a whole number, 0 or more`;
    throw new IngotError("invalid_option", message, { context: { variable: "seed" } });
  }
  return new SeededWorld(options);
}

class SeededWorld implements World {
  private readonly options: WorldOptions;
  private readonly people = new People();
  private readonly pool = new CustomerPool();
  private readonly orders = new OrderBook();
  private arriving: Customer[] = [];
  private lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: WorldOptions) {
    this.options = options;
  }

  tick(at: Date, spanMs: number, load = 1): Tick {
    const context = new TickContext(this.options.seed, at, this.options.faults);
    this.checkTime(context.atMs, spanMs);
    const count = (rows: number) => Math.round(rows * load);
    const orders = count(this.options.rows.orders);
    const clicks = count(this.options.rows.clicks);
    // Somebody must have placed the orders.
    const founders = this.pool.size === 0 && orders + clicks > 0 ? 1 : 0;
    const customers = Math.max(founders, count(this.options.rows.customers));

    const span = new Span(at, spanMs);
    const arrivals = customersFile(context, customers, this.arriving, this.pool, this.people);
    this.arriving = arrivals.late;
    const orderTimes = span.instants(orders, context.stream("order times"));
    const clickTimes = span.instants(clicks, context.stream("click times"));
    return {
      at,
      files: {
        customers: arrivals.bytes,
        orders: this.orders.file(context, orderTimes, this.pool, arrivals.late),
        clicks: clicksFile(context, clickTimes, this.pool),
      },
      rows: { customers: arrivals.rows, orders, clicks },
      introduced: arrivals.introduced,
    };
  }

  forget(customerIds: Iterable<string>): void {
    this.pool.remove(new Set(customerIds));
  }

  private checkTime(atMs: number, spanMs: number): void {
    if (!(spanMs > 0)) throw new IngotError("usage", `a tick covers ${spanMs} ms: give more than 0`);
    if (!(atMs > this.lastMs)) {
      const [at, last] = [atMs, this.lastMs].map((ms) => new Date(ms).toISOString());
      throw new IngotError("usage", `a tick at ${at} after one at ${last}: give ticks in the order of time`);
    }
    this.lastMs = atMs;
  }
}
