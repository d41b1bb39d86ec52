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

/** Columns that are being filled. */
class RowsBuilder {
  readonly keys: number[] = [];
  readonly orders: number[] = [];
  readonly quantities: number[] = [];
  readonly revenues: number[] = [];

  push(key: number, orders: number, quantity: number, revenue: number): void {
    this.keys.push(key);
    this.orders.push(orders);
    this.quantities.push(quantity);
    this.revenues.push(revenue);
  }

  addTo(row: number, orders: number, quantity: number, revenue: number): void {
    this.orders[row]! += orders;
    this.quantities[row]! += quantity;
    this.revenues[row]! += revenue;
  }

  build(): Rows {
    return {
      keys: packed(this.keys),
      orders: packed(this.orders),
      quantities: packed(this.quantities),
      revenues: packed(this.revenues),
    };
  }
}

/** A block that is being filled, kind after kind. */
export class BlockBuilder {
  readonly #cells = new RowsBuilder();
  readonly #kinds = new RowsBuilder();
  readonly #ends: number[] = [];
  readonly #countries = new RowsBuilder();
  readonly #rowOfCountry = new Map<number, number>();
  #quantity = 0;
  #revenue = 0;

  hasRoom(quantity: number, revenue: number): boolean {
    return this.#quantity + quantity <= MOST_EXACT && this.#revenue + revenue <= MOST_EXACT;
  }

  add(kind: number, country: number, orders: number, quantity: number, revenue: number): void {
    this.#cells.push(country, orders, quantity, revenue);
    const kinds = this.#kinds;
    const last = kinds.keys.length - 1;
    if (kinds.keys[last] === kind) kinds.addTo(last, orders, quantity, revenue);
    else kinds.push(kind, orders, quantity, revenue);
    this.#ends[kinds.keys.length - 1] = this.#cells.keys.length;
    const row = this.#rowOfCountry.get(country);
    if (row === undefined) {
      this.#rowOfCountry.set(country, this.#countries.keys.length);
      this.#countries.push(country, orders, quantity, revenue);
    } else this.#countries.addTo(row, orders, quantity, revenue);
    this.#quantity += quantity;
    this.#revenue += revenue;
  }

  build(): CellBlock {
    return {
      cells: this.#cells.build(),
      kinds: { ...this.#kinds.build(), ends: packed(this.#ends) },
      countries: this.#countries.build(),
      greatestSum: Math.max(this.#quantity, this.#revenue),
    };
  }
}

/** In as few bytes each as the greatest one needs: most days have few orders in a cell. */
function packed(numbers: readonly number[]): Numbers {
  let greatest = 0;
  for (const number of numbers) if (number > greatest) greatest = number;
  if (greatest < 2 ** 16) return Uint16Array.from(numbers);
  return greatest < 2 ** 32 ? Uint32Array.from(numbers) : Float64Array.from(numbers);
}
