import type { DatabaseSync, StatementSync } from "node:sqlite";
import { UNKNOWN_LABEL } from "../schema.ts";

/** So many customers are kept in memory, 70 bytes each where ids have ten characters; the others are looked up. */
const IN_MEMORY = { customers: 2_000_000, characters: 64_000_000 };
const SLOTS_PER_CUSTOMER = 1.5;

/**
 * The countries of the customers in `customer_rows`, which does not change any more. A hash table in flat arrays: a map
 * of as many texts takes several times as long and twice the memory.
 */
export class CountryLookup {
  readonly #mask: number;
  readonly #keys: Float64Array;
  /** The label's id; 0 for an empty slot. */
  readonly #countries: Uint32Array;
  /** Where the customer's id ends in `#characters`, and how long it is. */
  readonly #ends: Uint32Array;
  readonly #lengths: Uint32Array;
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
    this.#keys = new Float64Array(slots);
    this.#countries = new Uint32Array(slots);
    this.#ends = new Uint32Array(slots);
    this.#lengths = new Uint32Array(slots);
    // A character beyond U+FFFF has two units.
    this.#characters = new Uint16Array(Math.min(2 * characters, limits.characters));
    let end = 0;
    let stored = 0;
    const all = database.prepare("SELECT key, customer_id, country FROM customer_rows LIMIT ?");
    for (const { key, customer_id, country } of all.iterate(inMemory)) {
      const id = String(customer_id);
      if (end + id.length > this.#characters.length) break;
      for (let index = 0; index < id.length; index++) this.#characters[end++] = id.charCodeAt(index);
      const slot = this.#slotOf(id, Number(key));
      this.#keys[slot] = Number(key);
      this.#countries[slot] = Number(country);
      this.#ends[slot] = end;
      this.#lengths[slot] = id.length;
      stored += 1;
    }
    if (stored < count)
      this.#others = database.prepare("SELECT country FROM customer_rows WHERE key = ? AND customer_id = ?");
  }

  /** The id of the label of the customer's country. @param key of the customer's id */
  of(customerId: string, key: number): number {
    const country = this.#countries[this.#slotOf(customerId, key)]!;
    if (country !== 0) return country;
    return Number(this.#others?.get(key, customerId)?.country ?? UNKNOWN_LABEL);
  }

  /** The slot in which a customer is, or would be. */
  #slotOf(id: string, key: number): number {
    // A key's last bits are characters of the id; its others are a hash.
    let slot = Math.imul(key / 4096, 0x9e3779b1) ^ Math.imul(key, 0x85ebca6b);
    slot = (slot ^ (slot >>> 15)) & this.#mask;
    for (; ; slot = (slot + 1) & this.#mask) {
      if (this.#countries[slot] === 0) return slot;
      if (this.#keys[slot] === key && this.#isAt(slot, id)) return slot;
    }
  }

  #isAt(slot: number, id: string): boolean {
    if (this.#lengths[slot] !== id.length) return false;
    const start = this.#ends[slot]! - id.length;
    for (let index = 0; index < id.length; index++)
      if (this.#characters[start + index] !== id.charCodeAt(index)) return false;
    return true;
  }
}
