import { Spool } from "./spool.ts";

/** So many identities are kept in memory at once. */
const IDENTITIES_IN_MEMORY = 200_000;
const PARTITIONS = 64;
const PARTITION_MEMORY_BYTES = 256 * 1024;

interface Entry {
  version: string;
  index: number;
}

/**
 * Finds, among records with the same identity, the one that stays: the greatest version, on a tie the one that came
 * later. Exact, and memory stays bounded: from a certain number on, identities are spread over partitions on disk
 * that are worked off one by one.
 */
export class LatestOfEach {
  readonly #losers = new BitSet();
  readonly #limit: number;
  #latest = new Map<string, Entry>();
  #partitions: Spool[] | undefined;

  constructor(limit = IDENTITIES_IN_MEMORY) {
    this.#limit = limit;
  }

  /** @param index the record's place in the file, greater for each call */
  add(identity: string, version: string, index: number): void {
    if (this.#partitions) this.#spill(this.#partitions, identity, { version, index });
    else {
      this.#compete(identity, { version, index });
      if (this.#latest.size > this.#limit) this.#startSpilling();
    }
  }

  /** The indexes of all records that do not stay. Ends the collecting. */
  losers(): BitSet {
    for (const partition of this.#partitions ?? []) {
      for (const batch of partition.batches()) {
        for (const text of batch) {
          const [identity = "", version = "", index] = text.toString("utf8").split("\0");
          this.#compete(identity, { version, index: Number(index) });
        }
      }
      partition.close();
      this.#latest.clear();
    }
    return this.#losers;
  }

  /** Frees temporary files; for a collecting that was broken off. */
  close(): void {
    for (const partition of this.#partitions ?? []) partition.close();
  }

  #compete(identity: string, entry: Entry): void {
    const known = this.#latest.get(identity);
    const stays = known === undefined || entry.version >= known.version;
    if (stays) this.#latest.set(identity, entry);
    if (known) this.#losers.add(stays ? known.index : entry.index);
  }

  #startSpilling(): void {
    const partitions = Array.from({ length: PARTITIONS }, () => new Spool(PARTITION_MEMORY_BYTES));
    for (const [identity, entry] of this.#latest) this.#spill(partitions, identity, entry);
    this.#latest = new Map();
    this.#partitions = partitions;
  }

  #spill(partitions: Spool[], identity: string, { version, index }: Entry): void {
    partitions[partitionOf(identity)]!.add(`${identity}\0${version}\0${index}`);
  }
}

function partitionOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  // The upper bits are mixed in, or identities that differ in their first characters only would share a partition.
  return ((hash ^ (hash >>> 15)) >>> 0) % PARTITIONS;
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
