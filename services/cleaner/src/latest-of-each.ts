import { inParallel } from "@ingot/common";
import { BASE_BYTES, batchOf, DuplicateFinder, type EntryBatches, joinBatches } from "./duplicates.ts";
import { GROUPS, type GroupedEntries } from "./identities.ts";
import { Spool } from "./spool.ts";

/** So many bytes of entries are compared at once; a row takes some 50. */
const BYTES_AT_ONCE = 8 * 1024 * 1024;
const PARTITION_MEMORY_BYTES = 512 * 1024;

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
  /** All entries, as long as there are few: batches, and where each group ends in them. */
  #batches: { batch: Buffer; ends: Uint32Array }[] = [];
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
  add({ bytes, ends }: GroupedEntries, base: number): void {
    if (bytes.length === 0) return;
    this.#bytes += bytes.length;
    if (this.#partitions.length === 0)
      this.#batches.push({ batch: batchOf(bytes, base), ends: ends.slice() });
    else this.#spread(bytes, ends, base);
    if (this.#partitions.length > 0 || this.#bytes <= this.#bytesAtOnce) return;
    this.#partitions = Array.from({ length: GROUPS }, () => new Spool(PARTITION_MEMORY_BYTES));
    for (const { batch, ends } of this.#batches.splice(0))
      this.#spread(batch.subarray(BASE_BYTES), ends, batch.readDoubleLE(0));
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
    if (this.#partitions.length === 0) {
      const batches = this.#batches.splice(0).map(({ batch }) => batch);
      take(new DuplicateFinder().find(joinBatches(batches)));
    }
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

  /** Puts each group of entries into a partition of its own. */
  #spread(entries: Buffer, ends: Uint32Array, base: number): void {
    let start = 0;
    this.#partitions.forEach((partition, group) => {
      const end = ends[group]!;
      if (end === start) return;
      const at = partition.reserve(BASE_BYTES + end - start);
      partition.memory.writeDoubleLE(base, at);
      entries.copy(partition.memory, at + BASE_BYTES, start, end);
      start = end;
    });
  }
}

function compareHere(): Compare {
  const finder = new DuplicateFinder();
  return async (batches) => ({ losers: finder.find(batches), memory: batches.bytes });
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
