import { createHash } from "node:crypto";

/**
 * A seeded stream of draws (the generator sfc32, its state the SHA-256 of a label). It uses integers only, so that a
 * label gives the same draws on every machine. Streams with different labels are independent: a draw more
 * in one place moves nothing elsewhere.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  constructor(label: string) {
    const digest = createHash("sha256").update(label).digest();
    this.a = digest.readInt32LE(0);
    this.b = digest.readInt32LE(4);
    this.c = digest.readInt32LE(8);
    this.counter = digest.readInt32LE(12);
  }

  /** 32 random bits, as a number of 0 or more. */
  bits(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A fraction: 0 or more, less than 1. */
  next(): number {
    return this.bits() / 4_294_967_296;
  }

  /** A whole number: 0 or more, less than `limit`. */
  int(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /**
   * A whole number from `low` to `high`, both included.
   *
   * @throws RangeError where there is none
   */
  between(low: number, high: number): number {
    if (!(low <= high)) throw new RangeError(`there is no whole number from ${low} to ${high}`);
    return low + this.int(high - low + 1);
  }

  /** True with this probability; one draw, whatever the answer. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)]!;
  }
}

/** Items that are drawn as often as their weights say. Weights are whole numbers or simple fractions. */
export class Weighted<T> {
  private readonly items: readonly T[];
  /** The sum of the weights up to and including each item's. */
  private readonly upTo: Float64Array;

  constructor(items: readonly T[], weightOf: (item: T, index: number) => number) {
    this.items = items;
    this.upTo = new Float64Array(items.length);
    let sum = 0;
    items.forEach((item, index) => {
      sum += weightOf(item, index);
      this.upTo[index] = sum;
    });
  }

  pick(random: Random): T {
    return this.items[indexWithin(this.upTo, random.next() * this.upTo.at(-1)!)]!;
  }
}

/** The first index whose running sum is greater than `value`. */
export function indexWithin(upTo: Float64Array, value: number): number {
  let low = 0;
  let high = upTo.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (upTo[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
