import { IngotError, type Logger, NO_METER, type ObjectStore, type OpenMeter } from "@ingot/common";
import { TextFile } from "../text-file.ts";
import { holds } from "../write-tick.ts";
import { Baskets, SEPARATOR } from "./baskets.ts";
import type { Chain } from "./chain.ts";
import { countDays, type DayRange, daysOf } from "./days.ts";
import { type RetailHour, type SimulatedHour, simulateDay } from "./simulate-day.ts";

const FOLDER = "retail-stores";

/** Where a chain's files lie in bronze. */
export const RETAIL_KEYS = {
  clients: `${FOLDER}/clients/clients.json`,
  products: `${FOLDER}/products/products.json`,
  stores: `${FOLDER}/stores/stores.json`,
  hours: (date: string) => `${FOLDER}/retail_data/date=${date}/retail_data_${date}.json`,
  sales: (date: string) => `${FOLDER}/sales/sale_date=${date}/sales_${date}.json`,
} as const;

const JSON_FILE = { contentType: "application/json" };

export interface RetailReport {
  days: number;
  /** Store-hours, the closed ones included. */
  hours: number;
  sale_lines: number;
  /** Baskets without a buyer. */
  skipped_baskets: number;
  /** Store-hours in which something went wrong. */
  failed_hours: number;
}

/**
 * Writes a chain's clients, products and stores, and what happens in its stores on each of the days. What is there is
 * written over, so that a day is there once however often it is asked for. Memory does not grow with the days.
 *
 * @throws IngotError whatever the storage throws; `incomplete` where `signal` ended it before the last day
 */
export async function writeRetailDays(given: {
  bronze: ObjectStore;
  chain: Chain;
  range: DayRange;
  logger: Logger;
  signal?: AbortSignal | undefined;
  meter?: OpenMeter | undefined;
}): Promise<RetailReport> {
  const { bronze, chain, range, logger, signal, meter: open = NO_METER } = given;
  const report: RetailReport = { days: 0, hours: 0, sale_lines: 0, skipped_baskets: 0, failed_hours: 0 };
  const baskets = new Baskets(chain);
  const meter = open({ title: "generating", unit: "days", total: countDays(range) });
  try {
    for (const entity of ["clients", "products", "stores"] as const) {
      await writeIfChanged(bronze, RETAIL_KEYS[entity], jsonArray(chain[entity]));
    }
    for (const date of daysOf(range)) {
      if (signal?.aborted) throw stopped(report.days, date);
      const day = new DayLog(date, logger);
      await writeDay(bronze, date, simulateDay(chain, date, baskets), day);
      day.close(report);
      meter.add(1);
    }
  } finally {
    meter.close();
  }
  return report;
}

/** The sales first: an hour whose baskets went wrong has no counts either. */
async function writeDay(
  bronze: ObjectStore,
  date: string,
  hours: Iterable<SimulatedHour>,
  day: DayLog,
): Promise<void> {
  const records: RetailHour[] = [];
  async function* sales(): AsyncGenerator<Buffer> {
    let before = "[\n";
    for (const hour of hours) {
      records.push(hour.record);
      day.add(hour);
      if (hour.lines === 0) continue;
      yield Buffer.from(before + hour.text);
      before = SEPARATOR;
    }
    yield Buffer.from(before === SEPARATOR ? "\n]\n" : "[\n]\n");
  }
  await bronze.write(RETAIL_KEYS.sales(date), sales(), JSON_FILE);
  await bronze.write(RETAIL_KEYS.hours(date), jsonArray(records), JSON_FILE);
}

/** One object a line. */
function jsonArray(records: readonly object[]): Buffer {
  const file = new TextFile();
  file.line("[");
  records.forEach((record, index) => {
    file.line(JSON.stringify(record) + (index === records.length - 1 ? "" : ","));
  });
  file.line("]");
  return file.bytes();
}

/** Leaves alone what is the same already, where that can be seen: nobody has to look at it anew. */
async function writeIfChanged(bronze: ObjectStore, key: string, bytes: Buffer): Promise<void> {
  const { created } = await bronze.write(key, bytes, { ...JSON_FILE, ifAbsent: true });
  if (created || (await holds(bronze, key, bytes))) return;
  await bronze.write(key, bytes, JSON_FILE);
}

/** Counts a day's hours, and says what went wrong in them. */
class DayLog {
  readonly #date: string;
  readonly #logger: Logger;
  readonly #skipped = new Map<SimulatedHour["store"], number>();
  #hours = 0;
  #lines = 0;
  #failed = 0;

  constructor(date: string, logger: Logger) {
    this.#date = date;
    this.#logger = logger;
  }

  add({ record, store, lines, skipped, error }: SimulatedHour): void {
    this.#hours++;
    this.#lines += lines;
    if (skipped > 0) this.#skipped.set(store, (this.#skipped.get(store) ?? 0) + skipped);
    if (error === undefined) return;
    this.#failed++;
    const { store_id, date, hour } = record;
    this.#logger.error({ store_id, date, hour, err: error }, "hour not simulated: its counts are left empty");
  }

  close(report: RetailReport): void {
    for (const [{ name, location }, baskets] of this.#skipped) {
      const message = `baskets of ${name} skipped: no client lives in ${location}`;
      this.#logger.warn({ date: this.#date, baskets }, message);
      report.skipped_baskets += baskets;
    }
    report.days++;
    report.hours += this.#hours;
    report.sale_lines += this.#lines;
    report.failed_hours += this.#failed;
  }
}

function stopped(days: number, next: string): IngotError {
  const message = `stopped after ${days} ${days === 1 ? "day" : "days"}: go on with --from ${next}`;
  return new IngotError("incomplete", message);
}
