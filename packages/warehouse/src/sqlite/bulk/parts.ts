import { NO_LABEL } from "../../feed.ts";
import type { ObjectRow } from "../object-rows.ts";
import { keyOf } from "../row-keys.ts";
import { clickValues, customerValues, orderValues } from "../silver-values.ts";

/**
 * What goes from the thread that reads silver to the one that builds the file. Rows go as columns: one text and a few
 * typed arrays cost a fraction of what an array of strings for each row would.
 */
export type Part =
  | CustomersPart
  | OrdersPart
  | ClicksPart
  /** The rows since the last object are this one's, and complete. */
  | { kind: "object"; row: ObjectRow }
  /** The rows since the last object are to be forgotten. */
  | { kind: "drop" };

export interface CustomersPart extends Texts {
  kind: "customers";
  /** The id of the object. */
  source: number;
  count: number;
  /** For each row its key, and the id of the country's label. */
  numbers: Float64Array<ArrayBuffer>;
  newNames: NewNames;
}

export interface OrdersPart extends Texts {
  kind: "orders";
  source: number;
  count: number;
  /** `ORDER_NUMBERS` values for each row; NaN for one that is absent. */
  numbers: Float64Array<ArrayBuffer>;
  /** The values of `order_ts` that no float holds, in the order of the rows that have NaN there. */
  largeInstants: readonly bigint[];
  newNames: NewNames;
}

export interface ClicksPart extends Texts {
  kind: "clicks";
  source: number;
  count: number;
  /**
   * For each row the id of the page's label, NaN where the page itself stands behind the customer_id, and the instant, NaN
   * for one that no float holds.
   */
  numbers: Float64Array<ArrayBuffer>;
  /** The values of `ts` that no float holds, in the order of the rows that have NaN there. */
  largeInstants: readonly bigint[];
  newNames: NewNames;
}

/** All texts of all rows one after another, and how long each is. */
interface Texts {
  text: string;
  lengths: Uint32Array<ArrayBuffer>;
}

/** Names that no earlier part had. Each list goes on where that of the part before has ended. */
interface NewNames {
  labels: readonly string[];
  dates: readonly string[];
}

/** key, key of the customer, product, channel, date, instant, quantity, unit price, total. */
export const ORDER_NUMBERS = 9;
export const CUSTOMER_TEXTS = 5;
export const ORDER_TEXTS = 2;

/** Numbers names in the order in which they come up. */
class Numbering {
  readonly #first: number;
  readonly #numbers = new Map<string, number>();
  #fresh: string[] = [];

  constructor(first: number) {
    this.#first = first;
  }

  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#first + this.#numbers.size;
    this.#numbers.set(name, number);
    this.#fresh.push(name);
    return number;
  }

  /** The same, but a new name gets a number only while there are fewer than so many. */
  ofFew(name: string, most: number): number | undefined {
    return this.#numbers.size < most ? this.of(name) : this.#numbers.get(name);
  }

  /** The names that came up since the last call. */
  takeFresh(): readonly string[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }
}

/** Pages may be as many as clicks: this many take some 60 MB. */
const MOST_PAGES = 500_000;

/** Makes parts of silver rows. */
export class Packer {
  readonly #labels = new Numbering(NO_LABEL);
  readonly #dates = new Numbering(0);
  readonly #mostPages: number;

  /** @param mostPages labels in memory from which on new pages get no number */
  constructor(mostPages = MOST_PAGES) {
    this.#mostPages = mostPages;
    // A new file has this label already.
    this.#labels.of("NA");
    this.#labels.takeFresh();
  }

  /** @throws InvalidRow; the rows before it are lost as well */
  customers(source: number, rows: readonly (readonly string[])[], onRow: () => void): CustomersPart {
    const texts: string[] = [];
    const numbers = new Float64Array(2 * rows.length);
    let at = 0;
    for (const row of rows) {
      const c = customerValues(row);
      texts.push(c.customerId, c.emailHash, c.firstInitial, c.lastInitial, c.signupDate);
      numbers[at++] = keyOf(c.customerId);
      numbers[at++] = this.#labels.of(c.country);
      onRow();
    }
    const newNames = this.#newNames();
    return { kind: "customers", source, count: rows.length, numbers, newNames, ...joined(texts) };
  }

  /** @throws InvalidRow; the rows before it are lost as well */
  orders(source: number, rows: readonly (readonly string[])[], onRow: () => void): OrdersPart {
    const texts: string[] = [];
    const numbers = new Float64Array(ORDER_NUMBERS * rows.length);
    const largeInstants: bigint[] = [];
    let at = 0;
    for (const row of rows) {
      const o = orderValues(row);
      texts.push(o.orderId, o.customerId);
      numbers[at++] = keyOf(o.orderId);
      numbers[at++] = keyOf(o.customerId);
      numbers[at++] = this.#labels.of(o.product);
      numbers[at++] = this.#labels.of(o.channel);
      numbers[at++] = this.#dates.of(o.orderDate);
      if (typeof o.orderTs === "bigint") largeInstants.push(o.orderTs);
      numbers[at++] = typeof o.orderTs === "bigint" ? Number.NaN : o.orderTs;
      numbers[at++] = o.quantity ?? Number.NaN;
      numbers[at++] = o.unitPrice ?? Number.NaN;
      numbers[at++] = o.total;
      onRow();
    }
    const newNames = this.#newNames();
    return { kind: "orders", source, count: rows.length, numbers, largeInstants, newNames, ...joined(texts) };
  }

  /** @throws InvalidRow; the rows before it are lost as well */
  clicks(source: number, rows: readonly (readonly string[])[], onRow: () => void): ClicksPart {
    const texts: string[] = [];
    const numbers = new Float64Array(2 * rows.length);
    const largeInstants: bigint[] = [];
    let at = 0;
    for (const row of rows) {
      const { customerId, page, ts } = clickValues(row);
      const label = this.#labels.ofFew(page, this.#mostPages);
      texts.push(customerId);
      if (label === undefined) texts.push(page);
      numbers[at++] = label ?? Number.NaN;
      if (typeof ts === "bigint") largeInstants.push(ts);
      numbers[at++] = typeof ts === "bigint" ? Number.NaN : ts;
      onRow();
    }
    const newNames = this.#newNames();
    return { kind: "clicks", source, count: rows.length, numbers, largeInstants, newNames, ...joined(texts) };
  }

  #newNames(): NewNames {
    return { labels: this.#labels.takeFresh(), dates: this.#dates.takeFresh() };
  }
}

function joined(texts: readonly string[]): Texts {
  const lengths = new Uint32Array(texts.length);
  for (let index = 0; index < texts.length; index++) lengths[index] = texts[index]!.length;
  return { text: texts.join(""), lengths };
}

/** Hands out the texts of a part one after another. */
export function textsOf({ text, lengths }: Texts): () => string {
  let index = 0;
  let start = 0;
  return () => {
    const end = start + lengths[index++]!;
    const piece = text.slice(start, end);
    start = end;
    return piece;
  };
}
