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

/** Puts batches together, in memory of their own. */
export function joinBatches(batches: readonly Uint8Array[]): EntryBatches {
  let length = 0;
  const ends = batches.map((batch) => {
    length += batch.length;
    return length;
  });
  const bytes = Buffer.allocUnsafeSlow(length);
  for (const [index, batch] of batches.entries()) bytes.set(batch, ends[index]! - batch.length);
  return { bytes, ends };
}

/**
 * Finds the rows that do not stay: of those with the same identity the greatest version does, on a tie the one that
 * comes later.
 */
export function duplicatesAmong(batches: EntryBatches): Float64Array {
  const reader = new IdentityReader(batches.bytes);
  const { entries, rows } = listEntries(batches, reader);
  const mask = 2 ** Math.ceil(Math.log2(2 * entries.length + 1)) - 1;
  /** For each slot the number of an entry, counted from 1; 0 where it is free. */
  const slots = new Uint32Array(mask + 1);
  const losers: number[] = [];
  for (let number = 0; number < entries.length; number += 1) {
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

/** Where all entries are, and their rows. */
function listEntries(
  { bytes, ends }: EntryBatches,
  reader: IdentityReader,
): { entries: Float64Array; rows: Float64Array } {
  let count = 0;
  forEachEntry(ends, reader, () => {
    count += 1;
  });
  const entries = new Float64Array(count);
  const rows = new Float64Array(count);
  let number = 0;
  forEachEntry(ends, reader, (entry, batch) => {
    entries[number] = entry;
    rows[number++] = bytes.readDoubleLE(batch) + reader.row(entry);
  });
  return { entries, rows };
}

function forEachEntry(
  ends: readonly number[],
  reader: IdentityReader,
  visit: (entry: number, batch: number) => void,
): void {
  let start = 0;
  for (const end of ends) {
    for (let at = start + BASE_BYTES; at < end; at = reader.after(at)) visit(at, start);
    start = end;
  }
}
