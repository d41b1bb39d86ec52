import { NO_LABEL } from "@ingot/warehouse";
import { GrowingColumn } from "./growing-column.ts";

/** So many labels can be told apart in a pair of them that is one number. */
const MOST_LABELS = 2 ** 26;

/** Numbers from 0 for what occurs, in the order of its first occurrence. */
class Numbering {
  readonly #numbers = new Map<number, number>();
  readonly #keys: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  numberOf(key: number): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#keys.length;
      this.#numbers.set(key, number);
      this.#keys.push(key);
    }
    return number;
  }

  keyOf(number: number): number {
    return this.#keys[number]!;
  }
}

/**
 * Names, and small numbers in their place. A kind is a product in a channel: two columns in one, and one look at a
 * filter instead of two.
 */
export class Labels {
  readonly #names: string[] = [];
  readonly #ids = new Map<string, number>();
  readonly #kinds = new Numbering();
  readonly #countries = new Numbering();
  readonly #pages = new Numbering();
  /** The products and channels of the kinds, as ids of labels. */
  readonly productOfKind = new GrowingColumn();
  readonly channelOfKind = new GrowingColumn();
  /** The number of the country of nobody and of customers who are not known. */
  readonly noCountry = this.#countries.numberOf(NO_LABEL);
  /** The greatest id so far. */
  last = 0;

  add({ id, name }: { id: number; name: string }): void {
    this.#names[id] = name;
    this.#ids.set(name, id);
    this.last = id;
  }

  nameOf(id: number): string {
    return this.#names[id]!;
  }

  /** `undefined` for a name that never occurred. */
  idOf(name: string): number | undefined {
    return this.#ids.get(name);
  }

  get kinds(): number {
    return this.#kinds.size;
  }

  get countries(): number {
    return this.#countries.size;
  }

  get pages(): number {
    return this.#pages.size;
  }

  kindOf(product: number, channel: number): number {
    const kind = this.#kinds.numberOf(product * MOST_LABELS + channel);
    if (kind === this.productOfKind.length) {
      this.productOfKind.push(product);
      this.channelOfKind.push(channel);
    }
    return kind;
  }

  countryOf(label: number): number {
    return this.#countries.numberOf(label);
  }

  pageOf(label: number): number {
    return this.#pages.numberOf(label);
  }

  /** The id of a country's label. */
  labelOfCountry(country: number): number {
    return this.#countries.keyOf(country);
  }

  labelOfPage(page: number): number {
    return this.#pages.keyOf(page);
  }
}
