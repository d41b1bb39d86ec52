import { inParallel } from "@ingot/common";
import { BASE_BYTES, batchOf, DuplicateFinder, type EntryBatches, joinBatches } from "./duplicates.ts";
import { IdentityReader } from "./identities.ts";
import { Spool } from "./spool.ts";

/** So many bytes of entries are compared at once; a row takes some 50. */
const BYTES_AT_ONCE = 32 * 1024 * 1024;
const PARTITION_MEMORY_BYTES = 256 * 1024;
const PARTITIONS = 128;

/** Does what DuplicateFinder does, anywhere. It may take the bytes, and gives memory back. */
export type Compare = (batches: EntryBatches) => Promise<Compared>;

export interface Compared {
  losers: Float64Array;
  /** What may be used again. */
  memory: Buffer;
}

/**
 * Finds, among rows with the same identity, the one that stays: the greatest version, on a tie the one that came
 * later. Exact, and memory stays bounded: what is too much to be compared at once is spread over partitions on
 * disk, which are worked off one by one.
 */
export class LatestOfEach {
  readonly #bytesAtOnce: number;
  /** All entries, as long as there are few. */
  #batches: Buffer[] = [];
  #partitions: Spool[] = [];
  #bytes = 0;

  constructor(bytesAtOnce = BYTES_AT_ONCE) {
    this.#bytesAtOnce = bytesAtOnce;
  }

  /**
   * Adds entries of rows that come after all others. All have to be written with the same seed.
   *
   * @param base the row from which theirs count
   */
  add(entries: Buffer, base: number): void {
    if (entries.length === 0) return;
    this.#bytes += entries.length;
    if (this.#partitions.length === 0) this.#batches.push(batchOf(entries, base));
    else this.#spread(entries, 0, base);
    if (this.#partitions.length > 0 || this.#bytes <= this.#bytesAtOnce) return;
    this.#partitions = Array.from({ length: PARTITIONS }, () => new Spool(PARTITION_MEMORY_BYTES));
    for (const batch of this.#batches.splice(0)) this.#spread(batch, BASE_BYTES, batch.readDoubleLE(0));
  }

  /**
   * The rows that do not stay. Ends the collecting.
   *
   * @param compare compares a partition's entries
   * @param atOnce how many of them may be compared at the same time
   */
  async losers(compare: Compare = compareHere(), atOnce = 1): Promise<BitSet> {
    const losers = new BitSet();
    const take = (rows: Float64Array): void => {
      for (const row of rows) losers.add(row);
    };
    if (this.#partitions.length === 0) take(new DuplicateFinder().find(joinBatches(this.#batches.splice(0))));
    const spare: Buffer[] = [];
    await inParallel(this.#partitions, Math.max(1, atOnce), async (partition) => {
      const batches = partition.join(spare.pop());
      partition.close();
      const compared = await compare(batches);
      take(compared.losers);
      spare.push(compared.memory);
    });
    return losers;
  }

  /** Frees memory and temporary files; for a collecting that was broken off as well. */
  close(): void {
    this.#batches = [];
    for (const partition of this.#partitions) partition.close();
  }

  /** Spreads entries over the partitions; equal identities come to the same one, in their order. */
  #spread(entries: Buffer, start: number, base: number): void {
    const reader = new IdentityReader(entries);
    const { length } = this.#partitions;
    const bytes = new Float64Array(length);
    for (let at = start; at < entries.length; ) {
      const next = reader.after(at);
      bytes[partitionOf(reader.hash(at), length)]! += next - at;
      at = next;
    }
    const used = new Float64Array(length);
    const targets = this.#partitions.map((partition, index) => {
      if (bytes[index] === 0) return partition.memory;
      const at = partition.reserve(BASE_BYTES + bytes[index]!);
      partition.memory.writeDoubleLE(base, at);
      used[index] = at + BASE_BYTES;
      return partition.memory;
    });
    for (let at = start; at < entries.length; ) {
      const next = reader.after(at);
      const index = partitionOf(reader.hash(at), length);
      const target = targets[index]!;
      let to = used[index]!;
      for (let from = at; from < next; from += 1) target[to++] = entries[from]!;
      used[index] = to;
      at = next;
    }
  }
}

function compareHere(): Compare {
  const finder = new DuplicateFinder();
  return async (batches) => ({ losers: finder.find(batches), memory: batches.bytes });
}

/** By the upper bits of a hash; the lower ones choose a slot later. */
const partitionOf = (hash: number, partitions: number): number => Math.floor((hash / 2 ** 32) * partitions);

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
