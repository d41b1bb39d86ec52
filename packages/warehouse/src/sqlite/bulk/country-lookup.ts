import type { DatabaseSync, StatementSync } from "node:sqlite";
import { NO_LABEL } from "../../feed.ts";

/** So many customers are kept in memory, 60 bytes each where ids have ten characters; the others are looked up. */
const IN_MEMORY = { customers: 5_000_000, characters: 100_000_000 };
const SLOTS_PER_CUSTOMER = 1.5;
/** Where ids are longer, their customers are looked up. */
const MOST_CHARACTERS = 0xffff;

/** A slot has two words of 64 bits: the key, and then in 32 bits each the country and where the id begins. */
const WORDS = 2;
const PARTS = 2 * WORDS;
const COUNTRY = 2;
const START = 3;

/**
 * The countries of the customers in `customer_rows`, which does not change any more. A hash table whose slots hold what
 * a lookup needs side by side, because what it costs is the way to the memory; a map of as many texts takes several
 * times as long and twice the memory.
 */
export class CountryLookup {
  readonly #mask: number;
  readonly #keys: Float64Array;
  /** The same memory, for the second word. A country of 0 is an empty slot. */
  readonly #parts: Uint32Array;
  /** The ids, each behind its length. */
  readonly #characters: Uint16Array;
  /** Looks up in the table, where not all customers are in memory. */
  readonly #others: StatementSync | undefined;

  constructor(database: DatabaseSync, limits = IN_MEMORY) {
    const { count, characters } = database
      .prepare(
        "SELECT count(*) AS count, coalesce(sum(length(customer_id)), 0) AS characters FROM customer_rows",
      )
      .get() as { count: number; characters: number };
    const inMemory = Math.min(count, limits.customers);
    const slots = 2 ** Math.ceil(Math.log2(SLOTS_PER_CUSTOMER * inMemory + 1));
    this.#mask = slots - 1;
    this.#keys = new Float64Array(WORDS * slots);
    this.#parts = new Uint32Array(this.#keys.buffer);
    // A character beyond U+FFFF has two units.
    this.#characters = new Uint16Array(Math.min(2 * characters + count, limits.characters));
    let next = 0;
    let stored = 0;
    const all = database.prepare("SELECT key, customer_id, country FROM customer_rows LIMIT ?");
    for (const { key, customer_id, country } of all.iterate(inMemory)) {
      const id = String(customer_id);
      if (id.length > MOST_CHARACTERS) continue;
      if (next + 1 + id.length > this.#characters.length) break;
      const slot = this.#slotOf(id, Number(key));
      this.#keys[WORDS * slot] = Number(key);
      this.#parts[PARTS * slot + COUNTRY] = Number(country);
      this.#parts[PARTS * slot + START] = next;
      this.#characters[next++] = id.length;
      for (let index = 0; index < id.length; index++) this.#characters[next++] = id.charCodeAt(index);
      stored += 1;
    }
    if (stored < count)
      this.#others = database.prepare("SELECT country FROM customer_rows WHERE key = ? AND customer_id = ?");
  }

  /** The id of the label of the customer's country. @param key of the customer's id */
  of(customerId: string, key: number): number {
    const country = this.#parts[PARTS * this.#slotOf(customerId, key) + COUNTRY]!;
    if (country !== 0) return country;
    return Number(this.#others?.get(key, customerId)?.country ?? NO_LABEL);
  }

  /** The slot in which a customer is, or would be. */
  #slotOf(id: string, key: number): number {
    // A key's last bits are characters of the id; its others are a hash.
    let slot = Math.imul(key / 4096, 0x9e3779b1) ^ Math.imul(key, 0x85ebca6b);
    slot = (slot ^ (slot >>> 15)) & this.#mask;
    for (; ; slot = (slot + 1) & this.#mask) {
      if (this.#parts[PARTS * slot + COUNTRY] === 0) return slot;
      if (this.#keys[WORDS * slot] === key && this.#isAt(this.#parts[PARTS * slot + START]!, id)) return slot;
    }
  }

  #isAt(start: number, id: string): boolean {
    if (this.#characters[start] !== id.length) return false;
    for (let index = 0; index < id.length; index++)
      if (this.#characters[start + 1 + index] !== id.charCodeAt(index)) return false;
    return true;
  }
}
