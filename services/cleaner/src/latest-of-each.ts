import { IdentityReader } from "./identities.ts";
import { Spool } from "./spool.ts";

/** So many bytes of entries are compared at once; a row takes 50 to 80. */
const BYTES_AT_ONCE = 32 * 1024 * 1024;
const PARTITION_MEMORY_BYTES = 256 * 1024;
const MAX_PARTITIONS = 256;

/** Before the entries of a batch: the row from which theirs count. */
const BASE_BYTES = 8;

/**
 * Finds, among rows with the same identity, the one that stays: the greatest version, on a tie the one that came
 * later. Exact, and memory stays bounded: what is too much to be compared at once is spread over partitions on
 * disk, which are worked off one by one.
 */
export class LatestOfEach {
  readonly #bytesAtOnce: number;
  readonly #batches: Spool;
  readonly #losers = new BitSet();
  #partitions: Spool[] = [];
  #bytes = 0;

  constructor(bytesAtOnce = BYTES_AT_ONCE) {
    this.#bytesAtOnce = bytesAtOnce;
    this.#batches = new Spool(bytesAtOnce);
  }

  /**
   * Adds entries of rows that come after all others. All have to be written with the same seed.
   *
   * @param base the row from which theirs count
   */
  addEntries(entries: Buffer, base: number): void {
    if (entries.length === 0) return;
    this.#batches.addBytes(withBase(entries, base));
    this.#bytes += entries.length;
  }

  /** The rows that do not stay. Ends the collecting. */
  losers(): BitSet {
    const count = this.#bytes / Math.max(1, this.#bytesAtOnce);
    if (count <= 1) {
      this.#compete([...this.#batches.batches()].flat());
      return this.#losers;
    }
    const partitions = Math.min(Math.ceil(count), MAX_PARTITIONS);
    this.#partitions = Array.from({ length: partitions }, () => new Spool(PARTITION_MEMORY_BYTES));
    for (const batch of this.#batches.batches()) for (const entries of batch) this.#spread(entries);
    this.#batches.close();
    for (const partition of this.#partitions) {
      this.#compete([...partition.batches()].flat());
      partition.close();
    }
    return this.#losers;
  }

  /** Frees memory and temporary files; for a collecting that was broken off as well. */
  close(): void {
    this.#batches.close();
    for (const partition of this.#partitions) partition.close();
  }

  /** Spreads a batch over the partitions; equal identities come to the same one, in their order. */
  #spread(batch: Buffer): void {
    const reader = new IdentityReader(batch);
    const { length } = this.#partitions;
    const bytes = new Float64Array(length);
    for (let at = BASE_BYTES; at < batch.length; ) {
      const next = reader.after(at);
      bytes[partitionOf(reader.hash(at), length)]! += next - at;
      at = next;
    }
    const parts = Array.from(bytes, (size) => Buffer.allocUnsafe(BASE_BYTES + size));
    const used = new Float64Array(length).fill(BASE_BYTES);
    for (let at = BASE_BYTES; at < batch.length; ) {
      const next = reader.after(at);
      const partition = partitionOf(reader.hash(at), length);
      batch.copy(parts[partition]!, used[partition]!, at, next);
      used[partition]! += next - at;
      at = next;
    }
    for (const [index, part] of parts.entries()) {
      batch.copy(part, 0, 0, BASE_BYTES);
      if (part.length > BASE_BYTES) this.#partitions[index]!.addBytes(part);
    }
  }

  #compete(batches: readonly Buffer[]): void {
    const bytes = Buffer.concat(batches);
    const reader = new IdentityReader(bytes);
    const { entries, rows } = listEntries(batches, reader);
    const mask = 2 ** Math.ceil(Math.log2(2 * entries.length + 1)) - 1;
    /** For each slot the number of an entry, counted from 1; 0 where it is free. */
    const slots = new Uint32Array(mask + 1);
    for (let number = 0; number < entries.length; number += 1) {
      const entry = entries[number]!;
      const hash = reader.hash(entry);
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const known = slots[slot]! - 1;
        if (known === -1) slots[slot] = number + 1;
        else if (reader.hash(entries[known]!) !== hash || !reader.isSameIdentity(entry, entries[known]!))
          continue;
        else if (reader.compareVersions(entry, entries[known]!) < 0) this.#losers.add(rows[number]!);
        else {
          this.#losers.add(rows[known]!);
          slots[slot] = number + 1;
        }
        break;
      }
    }
  }
}

/** By the upper bits of a hash; the lower ones choose a slot later. */
const partitionOf = (hash: number, partitions: number): number => Math.floor((hash / 2 ** 32) * partitions);

/** All entries of batches that stand one after the other: where they are, and their rows. */
function listEntries(
  batches: readonly Buffer[],
  reader: IdentityReader,
): { entries: Float64Array; rows: Float64Array } {
  let count = 0;
  for (const batch of batches) {
    const own = new IdentityReader(batch);
    for (let at = BASE_BYTES; at < batch.length; at = own.after(at)) count += 1;
  }
  const entries = new Float64Array(count);
  const rows = new Float64Array(count);
  let number = 0;
  let start = 0;
  for (const batch of batches) {
    const base = batch.readDoubleLE(0);
    const end = start + batch.length;
    for (let at = start + BASE_BYTES; at < end; at = reader.after(at)) {
      entries[number] = at;
      rows[number++] = base + reader.row(at);
    }
    start = end;
  }
  return { entries, rows };
}

function withBase(entries: Buffer, base: number): Buffer {
  const batch = Buffer.allocUnsafe(BASE_BYTES + entries.length);
  batch.writeDoubleLE(base, 0);
  entries.copy(batch, BASE_BYTES);
  return batch;
}

/** A set of small whole numbers, one bit each. */
export class BitSet {
  size = 0;
  #bits = new Uint8Array(1024);

  add(value: number): void {
    const byte = value >>> 3;
    if (byte >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(byte + 1, this.#bits.length * 2));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    if (!this.has(value)) this.size += 1;
    this.#bits[byte]! |= 1 << (value & 7);
  }

  has(value: number): boolean {
    return ((this.#bits[value >>> 3] ?? 0) & (1 << (value & 7))) !== 0;
  }
}
