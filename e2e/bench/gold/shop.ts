import type { DatasetName } from "@ingot/pipelines";

const DAYS = Array.from({ length: 365 }, (_, day) =>
  new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10),
);
const CHANNELS = ["web", "mobile", "store"];
const COUNTRIES = Array.from({ length: 15 }, (_, index) => `Country ${String.fromCharCode(65 + index)}`);
const PRODUCTS = 200;
const PAGES = 100;
const ORDERS_PER_CUSTOMER = 12;
/** Beyond those that are known: their orders count as `NA` until they arrive. */
const UNKNOWN_SHARE = 0.25;
/** Every so many orders of the history one is another version of an earlier one, newer or stale. */
const REPEAT_EVERY = 50;
const REPEAT_WITHIN = 40_000;

const HEADERS = {
  customers: "customer_id,email_h,first_initial,last_initial,country,signup_date\n",
  orders: "order_id,customer_id,product,quantity,unit_price,total_amount,order_ts,order_date,channel\n",
  clicks: "customer_id,page,ts\n",
};

/** What arrives at a time, as silver's CSV. */
export type Tick = Record<DatasetName, string>;

/**
 * A shop with as many orders, made of nothing but their numbers: the same everywhere and at any time. Ids are random,
 * so that no part of a table or an index is used more than another; so are dates, products, channels and customers.
 */
export class SyntheticShop {
  readonly orders: number;
  /** Customers that the history has. */
  readonly customers: number;
  /** Clicks that the history may have. */
  readonly clicks: number;
  readonly #unknown: number;

  constructor(orders: number) {
    this.orders = orders;
    this.clicks = orders;
    this.customers = Math.max(1000, Math.floor(orders / ORDERS_PER_CUSTOMER));
    this.#unknown = Math.floor(this.customers * UNKNOWN_SHARE);
  }

  /** A silver object of the history: rows from number `from` to before `to`, in pieces. */
  *history(dataset: DatasetName, from: number, to: number): Generator<string> {
    const row = {
      customers: (i: number) => this.#customer(i, 0),
      orders: (i: number) => this.#historicOrder(i),
      clicks: (i: number) => this.#click(i),
    }[dataset];
    yield HEADERS[dataset];
    for (let start = from; start < to; start += 4096) {
      let piece = "";
      for (let i = start; i < Math.min(to, start + 4096); i++) piece += row(i);
      yield piece;
    }
  }

  /**
   * What comes after the history: 200 orders, of which 10 are newer and 5 stale versions of earlier ones; 50 customers,
   * of which 10 are new though they have orders already, and 5 have moved; 500 clicks.
   */
  tick(number: number): Tick {
    const first = this.orders + 200 * number;
    const pick = (salt: number, i: number, of: number): number => random(1000 * number + i, salt) % of;
    let orders = HEADERS.orders;
    for (let i = 0; i < 185; i++) orders += this.#order(first + i, first + i);
    for (let i = 0; i < 10; i++) {
      const ts = `2025-12-31T23:59:59.${digits(10 * number + i, 6)}Z`;
      orders += this.#order(pick(91, i, this.orders), first + 185 + i, ts);
    }
    for (let i = 0; i < 5; i++)
      orders += this.#order(pick(92, i, this.orders), first + 195 + i, `2025-01-01T00:00:00.00000${i}Z`);
    let customers = HEADERS.customers;
    for (let i = 0; i < 10; i++)
      customers += this.#customer(this.customers + pick(93, i, this.#unknown), number);
    for (let i = 0; i < 35; i++) customers += this.#customer(pick(94, i, this.customers), 0);
    for (let i = 0; i < 5; i++) customers += this.#customer(pick(95, i, this.customers), 1 + number);
    let clicks = HEADERS.clicks;
    for (let i = 0; i < 500; i++)
      clicks += `${customerId(pick(96, i, this.customers))},/p/${i},2025-12-31T12:00:00.000000Z\n`;
    return { customers, orders, clicks };
  }

  #click(i: number): string {
    const customer = customerId(random(i, 31) % (this.customers + this.#unknown));
    const ts = `${DAYS[random(i, 32) % DAYS.length]}T${timeOf(random(i, 33))}`;
    return `${customer},/page/${random(i, 34) % PAGES},${ts}\n`;
  }

  #historicOrder(i: number): string {
    const isRepeat = i % REPEAT_EVERY === REPEAT_EVERY - 1;
    return this.#order(isRepeat ? i - (random(i, 7) % Math.min(i, REPEAT_WITHIN)) : i, i);
  }

  /** The order `i`; what may differ between its versions depends on `version`. */
  #order(i: number, version: number, instant?: string): string {
    const ts = instant ?? `${DAYS[random(version, 11) % DAYS.length]}T${timeOf(random(version, 12))}`;
    const day = ts.slice(0, 10);
    const product = random(i, 13) % PRODUCTS;
    const quantity = 1 + (random(version, 14) % 5);
    const cents = 499 + 137 * product;
    const customer = customerId(random(i, 15) % (this.customers + this.#unknown));
    const channel = CHANNELS[random(version, 16) % CHANNELS.length]!;
    const money = `${price(cents)},${price(cents * quantity)}`;
    return `${orderId(i)},${customer},Product ${product},${quantity},${money},${ts},${day},${channel}\n`;
  }

  #customer(i: number, version: number): string {
    const country = COUNTRIES[random(i + 7919 * version, 21) % COUNTRIES.length]!;
    const signup = DAYS[random(i, 22) % DAYS.length]!.replace("2025", "2024");
    return `${customerId(i)},${hex(random(i, 23))}${hex(random(i, 24))},A,B,${country},${signup}\n`;
  }
}

// `random` is a bijection for a given salt: no two have the same id.
const orderId = (i: number): string => `O-${hex(random(i, 1))}-${hex(random(i, 2))}`;
const customerId = (i: number): string => `C-${hex(random(i, 3))}`;

/** 32 bits of a number that look random (the mixing of MurmurHash3). */
function random(i: number, salt: number): number {
  let h = Math.imul(i ^ Math.imul(salt, 0x632be5ab), 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const hex = (word: number): string => word.toString(16).padStart(8, "0");
const digits = (number: number, count: number): string => String(number).padStart(count, "0").slice(-count);
const price = (cents: number): string => `${Math.floor(cents / 100)}.${digits(cents % 100, 2)}00`;

/** A time of the day with microseconds. */
function timeOf(word: number): string {
  const seconds = word % 86_400;
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${time.map((part) => digits(part, 2)).join(":")}.${digits(word % 1_000_003, 6)}Z`;
}
