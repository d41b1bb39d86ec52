import { IdentityReader } from "./identities.ts";

/** Entries of rows, in batches that come one after the other, written with the same seed. */
export interface EntryBatches {
  /** Each batch: the row from which its entries count theirs, in BASE_BYTES, then the entries. */
  bytes: Buffer;
  /** Where each batch ends. */
  ends: readonly number[];
}

export const BASE_BYTES = 8;

/** A batch of entries. @param base the row from which theirs count */
export function batchOf(entries: Uint8Array, base: number): Buffer {
  const batch = Buffer.allocUnsafe(BASE_BYTES + entries.length);
  batch.writeDoubleLE(base, 0);
  batch.set(entries, BASE_BYTES);
  return batch;
}

/** Puts batches together. */
export function joinBatches(batches: readonly Uint8Array[]): EntryBatches {
  let length = 0;
  const ends = batches.map((batch) => {
    length += batch.length;
    return length;
  });
  return { bytes: Buffer.concat(batches, length), ends };
}

/**
 * Finds the rows that do not stay: of those with the same identity the greatest version does, on a tie the one that
 * comes later. Its memory is used again from one call to the next.
 */
export class DuplicateFinder {
  /** Where the entries are, and their rows. */
  #entries = new Float64Array(0);
  #rows = new Float64Array(0);
  /** For each slot of a hash table the number of an entry, counted from 1; 0 where it is free. */
  #slots = new Uint32Array(0);

  find(batches: EntryBatches): Float64Array {
    const reader = new IdentityReader(batches.bytes);
    const count = this.#list(batches, reader);
    const entries = this.#entries;
    const rows = this.#rows;
    const size = 2 ** Math.ceil(Math.log2(2 * count + 1));
    if (this.#slots.length < size) this.#slots = new Uint32Array(size);
    else this.#slots.fill(0, 0, size);
    const slots = this.#slots;
    const mask = size - 1;
    const losers: number[] = [];
    for (let number = 0; number < count; number += 1) {
      const entry = entries[number]!;
      const hash = reader.hash(entry);
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const known = slots[slot]! - 1;
        if (known === -1) slots[slot] = number + 1;
        else if (reader.hash(entries[known]!) !== hash || !reader.isSameIdentity(entry, entries[known]!))
          continue;
        else if (reader.compareVersions(entry, entries[known]!) < 0) losers.push(rows[number]!);
        else {
          losers.push(rows[known]!);
          slots[slot] = number + 1;
        }
        break;
      }
    }
    return Float64Array.from(losers);
  }

  /** Lists all entries. @returns how many */
  #list({ bytes, ends }: EntryBatches, reader: IdentityReader): number {
    let count = 0;
    let start = 0;
    for (const end of ends) {
      const base = bytes.readDoubleLE(start);
      for (let at = start + BASE_BYTES; at < end; at = reader.after(at)) {
        if (count === this.#entries.length) this.#grow();
        this.#entries[count] = at;
        this.#rows[count++] = base + reader.row(at);
      }
      start = end;
    }
    return count;
  }

  #grow(): void {
    const length = Math.max(1024, 2 * this.#entries.length);
    const [entries, rows] = [new Float64Array(length), new Float64Array(length)];
    entries.set(this.#entries);
    rows.set(this.#rows);
    this.#entries = entries;
    this.#rows = rows;
  }
}
