/** A sum that is exact: a number while it is safe, a bigint beyond. */
export type Sum = number | bigint;

export function exactSum(a: Sum, b: Sum): Sum {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return BigInt(a) + BigInt(b);
}

/** A cell of the cube: the number of its date, the ids of its three labels, and its sums. */
export interface Cell {
  date: number;
  product: number;
  channel: number;
  country: number;
  orders: Sum;
  quantity: Sum;
  revenue: Sum;
}

/** A slot has five words of 64 bits: the four parts of the key in the first two, then the sums. */
const WORDS = 5;
const PARTS = 2 * WORDS;
const FIRST_SUM = 2;
const FIRST_SLOTS = 1024;
const FILLED = 0.85;

/**
 * The cube in memory: a hash table whose slots hold whole cells, because what it costs is the way to the memory. Each
 * order goes to another place of it.
 */
export class CellSums {
  /** How many cells there are. */
  size = 0;
  #sums = new Float64Array(WORDS * FIRST_SLOTS);
  /** The same memory, for the keys. A date is counted from 1, so that 0 is an empty slot. */
  #keys = new Uint32Array(this.#sums.buffer);
  #mask = FIRST_SLOTS - 1;
  /** Sums that a float does not hold, by their place. */
  #large = new Map<number, bigint>();

  /** Adds one order, or with `sign` -1 takes it out. */
  add(
    sign: 1 | -1,
    date: number,
    product: number,
    channel: number,
    country: number,
    quantity: number,
    revenue: number,
  ): void {
    const at = this.#place(date, product, channel, country);
    this.#addTo(at, sign);
    this.#addTo(at + 1, sign * quantity);
    this.#addTo(at + 2, sign * revenue);
  }

  /** All cells in the order of their keys, dates by `ranks` (the rank of each date). */
  *inOrder(ranks: Uint32Array): Generator<Cell> {
    for (const at of this.#placesInOrder(ranks)) {
      const key = 2 * (at - FIRST_SUM);
      yield {
        date: this.#keys[key]! - 1,
        product: this.#keys[key + 1]!,
        channel: this.#keys[key + 2]!,
        country: this.#keys[key + 3]!,
        orders: this.#sum(at),
        quantity: this.#sum(at + 1),
        revenue: this.#sum(at + 2),
      };
    }
  }

  #sum(at: number): Sum {
    return this.#large.get(at) ?? this.#sums[at]!;
  }

  #addTo(at: number, value: number): void {
    const large = this.#large.size > 0 ? this.#large.get(at) : undefined;
    const sum = this.#sums[at]! + value;
    if (large === undefined && Number.isSafeInteger(sum)) this.#sums[at] = sum;
    else this.#large.set(at, (large ?? BigInt(this.#sums[at]!)) + BigInt(value));
  }

  /** Where the sums of a cell are; an empty one is made where there is none. */
  #place(date: number, product: number, channel: number, country: number): number {
    const slot = this.#slotOf(date, product, channel, country);
    const key = PARTS * slot;
    if (this.#keys[key] === 0) {
      if (this.size + 1 > FILLED * (this.#mask + 1)) {
        this.#grow();
        return this.#place(date, product, channel, country);
      }
      this.size += 1;
      this.#keys[key] = date + 1;
      this.#keys[key + 1] = product;
      this.#keys[key + 2] = channel;
      this.#keys[key + 3] = country;
    }
    return WORDS * slot + FIRST_SUM;
  }

  /** The slot in which a cell is, or would be. */
  #slotOf(date: number, product: number, channel: number, country: number): number {
    const keys = this.#keys;
    let hash = Math.imul(date + 1, 0x9e3779b1) ^ Math.imul(product, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) ^ Math.imul(channel, 0x27d4eb2f);
    hash = Math.imul(hash ^ (hash >>> 13), 0x165667b1) ^ Math.imul(country, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const key = PARTS * slot;
      if (keys[key] === 0) return slot;
      const isIt =
        keys[key] === date + 1 &&
        keys[key + 1] === product &&
        keys[key + 2] === channel &&
        keys[key + 3] === country;
      if (isIt) return slot;
    }
  }

  #grow(): void {
    const [oldSums, oldKeys, oldLarge] = [this.#sums, this.#keys, this.#large];
    const slots = 2 * (this.#mask + 1);
    this.#sums = new Float64Array(WORDS * slots);
    this.#keys = new Uint32Array(this.#sums.buffer);
    this.#large = new Map();
    this.#mask = slots - 1;
    this.size = 0;
    for (let key = 0; key < oldKeys.length; key += PARTS) {
      if (oldKeys[key] === 0) continue;
      const from = key / 2 + FIRST_SUM;
      const to = this.#place(oldKeys[key]! - 1, oldKeys[key + 1]!, oldKeys[key + 2]!, oldKeys[key + 3]!);
      for (let sum = 0; sum < WORDS - FIRST_SUM; sum++) {
        this.#sums[to + sum] = oldSums[from + sum]!;
        const large = oldLarge.get(from + sum);
        if (large !== undefined) this.#large.set(to + sum, large);
      }
    }
  }

  /** Sorted as numbers that hold a whole key, which is many times faster than to compare keys. */
  *#placesInOrder(ranks: Uint32Array): Generator<number> {
    let base = 1;
    for (let key = 0; key < this.#keys.length; key += PARTS)
      for (let part = 1; part < 4; part++) base = Math.max(base, this.#keys[key + part]! + 1);
    if (ranks.length * base ** 3 > Number.MAX_SAFE_INTEGER) {
      // So many labels do not fit into a number. Any order is right, this one only makes SQLite slower.
      for (let key = 0; key < this.#keys.length; key += PARTS)
        if (this.#keys[key] !== 0) yield key / 2 + FIRST_SUM;
      return;
    }
    const numbers = new Float64Array(this.size);
    let next = 0;
    for (let key = 0; key < this.#keys.length; key += PARTS) {
      if (this.#keys[key] === 0) continue;
      let number = ranks[this.#keys[key]! - 1]!;
      for (let part = 1; part < 4; part++) number = number * base + this.#keys[key + part]!;
      numbers[next++] = number;
    }
    const dates = new Uint32Array(ranks.length);
    for (let date = 0; date < dates.length; date++) dates[ranks[date]!] = date;
    for (const number of numbers.sort()) {
      const upToChannel = Math.floor(number / base);
      const upToProduct = Math.floor(upToChannel / base);
      const date = dates[Math.floor(upToProduct / base)]!;
      yield this.#place(date, upToProduct % base, upToChannel % base, number % base);
    }
  }
}
