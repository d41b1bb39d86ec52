import { MOST_EXACT } from "./exact-sums.ts";

type Numbers = Uint16Array | Uint32Array | Float64Array;

/** Sums of groups: of each the number of a kind or a country, and what was sold. */
export interface Rows {
  keys: Numbers;
  orders: Numbers;
  quantities: Numbers;
  revenues: Numbers;
}

/** The cells of a day, or a part of them whose sums are exact in a float. */
export interface CellBlock {
  /** By country, kind after kind. */
  cells: Rows;
  /** All countries of each kind together, and where the kind's cells end. */
  kinds: Rows & { ends: Numbers };
  /** All kinds of each country together. */
  countries: Rows;
  /** No sum of some of its quantities or revenues is greater. */
  greatestSum: number;
}

/** A column that is filled again and again. */
class Scratch {
  values = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const longer = new Float64Array(2 * this.length);
      longer.set(this.values);
      this.values = longer;
    }
    this.values[this.length] = value;
    this.length += 1;
  }

  /** In as few bytes each as the greatest one needs: most days have few orders in a cell. */
  take(): Numbers {
    const values = this.values.subarray(0, this.length);
    let greatest = 0;
    for (const value of values) if (value > greatest) greatest = value;
    this.length = 0;
    if (greatest < 2 ** 16) return Uint16Array.from(values);
    return greatest < 2 ** 32 ? Uint32Array.from(values) : Float64Array.from(values);
  }
}

class RowsScratch {
  readonly keys = new Scratch();
  readonly orders = new Scratch();
  readonly quantities = new Scratch();
  readonly revenues = new Scratch();

  push(key: number, orders: number, quantity: number, revenue: number): void {
    this.keys.push(key);
    this.orders.push(orders);
    this.quantities.push(quantity);
    this.revenues.push(revenue);
  }

  addTo(row: number, orders: number, quantity: number, revenue: number): void {
    this.orders.values[row]! += orders;
    this.quantities.values[row]! += quantity;
    this.revenues.values[row]! += revenue;
  }

  take(): Rows {
    const { keys, orders, quantities, revenues } = this;
    return {
      keys: keys.take(),
      orders: orders.take(),
      quantities: quantities.take(),
      revenues: revenues.take(),
    };
  }
}

/** Fills one block after the other, in the same memory; each kind after kind. */
export class BlockBuilder {
  readonly #cells = new RowsScratch();
  readonly #kinds = new RowsScratch();
  readonly #ends = new Scratch();
  readonly #countries = new RowsScratch();
  readonly #rowOfCountry = new Map<number, number>();
  #quantity = 0;
  #revenue = 0;

  /** True for a block that has nothing yet. */
  get isEmpty(): boolean {
    return this.#cells.keys.length === 0;
  }

  hasRoom(quantity: number, revenue: number): boolean {
    return this.#quantity + quantity <= MOST_EXACT && this.#revenue + revenue <= MOST_EXACT;
  }

  add(kind: number, country: number, orders: number, quantity: number, revenue: number): void {
    this.#addToKind(kind, orders, quantity, revenue);
    this.#addToCountry(country, orders, quantity, revenue);
    this.#cells.push(country, orders, quantity, revenue);
    this.#ends.values[this.#ends.length - 1] = this.#cells.keys.length;
    this.#quantity += quantity;
    this.#revenue += revenue;
  }

  take(): CellBlock {
    const block = {
      cells: this.#cells.take(),
      kinds: { ...this.#kinds.take(), ends: this.#ends.take() },
      countries: this.#countries.take(),
      greatestSum: Math.max(this.#quantity, this.#revenue),
    };
    this.#rowOfCountry.clear();
    this.#quantity = 0;
    this.#revenue = 0;
    return block;
  }

  #addToKind(kind: number, orders: number, quantity: number, revenue: number): void {
    const kinds = this.#kinds;
    const last = kinds.keys.length - 1;
    if (last >= 0 && kinds.keys.values[last] === kind) kinds.addTo(last, orders, quantity, revenue);
    else {
      kinds.push(kind, orders, quantity, revenue);
      this.#ends.push(0);
    }
  }

  #addToCountry(country: number, orders: number, quantity: number, revenue: number): void {
    const row = this.#rowOfCountry.get(country);
    if (row !== undefined) {
      this.#countries.addTo(row, orders, quantity, revenue);
      return;
    }
    this.#rowOfCountry.set(country, this.#countries.keys.length);
    this.#countries.push(country, orders, quantity, revenue);
  }
}
