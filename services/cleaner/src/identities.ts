import { type Cells, viewOf, withRoom } from "@ingot/engine/records";

/*
 * Identities of rows as bytes: a sequence of entries, in the order of the rows. Without an object for each row they take
 * a fraction of the memory, go to disk as they are, and can be sent to another thread.
 */

const FIRST_BYTES = 8 * 1024;

/** An entry: its hash, its row, how long its identity is, its version and subversion, then the identity as UTF-8. */
const ROW_AT = 4;
const IDENTITY_BYTES_AT = 8;
const VERSION_AT = 12;
const SUBVERSION_AT = 16;
const HEAD_BYTES = 20;

const FNV_PRIME = 0x01000193;

/** Identities are filled up with zeros to whole words. */
const padded = (bytes: number): number => (bytes + 3) & ~3;

/** Entries that may have the same identity are of one group. */
const GROUP_BITS = 7;
export const GROUPS = 2 ** GROUP_BITS;
/** By the upper bits of a hash; the lower ones choose a slot later. */
const groupOf = (hash: number): number => hash >>> (32 - GROUP_BITS);

export interface GroupedEntries {
  bytes: Buffer;
  /** Where each group ends; empty where there are no entries. */
  ends: Uint32Array;
}

/** Collects entries. */
export class IdentityWriter {
  readonly #seed: number;
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view: DataView = viewOf(this.#bytes);
  #length = 0;
  readonly #bytesOfGroups = new Int32Array(GROUPS);
  #grouped: Buffer = Buffer.alloc(0);

  /** @param seed makes the hashes unforeseeable; the same for all entries that are to be compared */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The entries by their groups, in their order; valid until the next change. */
  grouped(): GroupedEntries {
    const ends = new Uint32Array(this.#length === 0 ? 0 : GROUPS);
    const next = new Int32Array(ends.length);
    let end = 0;
    for (let group = 0; group < ends.length; group += 1) {
      next[group] = end;
      end += this.#bytesOfGroups[group]!;
      ends[group] = end;
    }
    this.#grouped = withRoom(this.#grouped, 0, this.#length);
    const target = viewOf(this.#grouped);
    for (let at = 0; at < this.#length; ) {
      const group = groupOf(this.#view.getUint32(at, true));
      const length = HEAD_BYTES + padded(this.#view.getUint32(at + IDENTITY_BYTES_AT, true));
      copyWords(this.#view, at, target, next[group]!, length);
      next[group]! += length;
      at += length;
    }
    return { bytes: this.#grouped.subarray(0, this.#length), ends };
  }

  /**
   * Adds the row of a record.
   *
   * @param field the one that has its identity
   * @param version of rows with the same identity the one with the greatest version stays, and among these the one with
   *   the greatest subversion; both are whole numbers below 2^32
   * @param row counted from wherever the caller likes, below 2^32
   */
  add(
    { view: source, starts, ends }: Cells,
    field: number,
    version: number,
    subversion: number,
    row: number,
  ): void {
    const from = starts[field]!;
    const length = ends[field]! - from;
    const start = this.#length;
    const entryBytes = HEAD_BYTES + padded(length);
    this.#makeRoom(entryBytes);
    const hash = this.#identity(source, from, from + length, start + HEAD_BYTES);
    const view = this.#view;
    view.setUint32(start, hash, true);
    view.setUint32(start + ROW_AT, row, true);
    view.setUint32(start + IDENTITY_BYTES_AT, length, true);
    view.setUint32(start + VERSION_AT, version, true);
    view.setUint32(start + SUBVERSION_AT, subversion, true);
    this.#length = start + entryBytes;
    this.#bytesOfGroups[groupOf(hash)]! += entryBytes;
  }

  clear(): void {
    this.#length = 0;
    this.#bytesOfGroups.fill(0);
  }

  /** Copies an identity. @returns its hash: FNV-1a of four bytes at a time, mixed so that any bits can choose a slot */
  #identity(source: DataView, start: number, end: number, to: number): number {
    const view = this.#view;
    let hash = this.#seed ^ (end - start);
    for (let at = start; at < end; at += 4) {
      const word = at + 4 <= end ? source.getInt32(at, true) : lastWord(source, at, end);
      view.setInt32(to + at - start, word, true);
      hash = Math.imul(hash ^ word, FNV_PRIME);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  #makeRoom(bytes: number): void {
    const memory = withRoom(this.#bytes, this.#length, this.#length + bytes);
    if (memory === this.#bytes) return;
    this.#bytes = memory;
    this.#view = viewOf(memory);
  }
}

/** Walks through entries. */
export class IdentityReader {
  readonly #view: DataView;

  constructor(bytes: Buffer) {
    this.#view = viewOf(bytes);
  }

  hash(entry: number): number {
    return this.#view.getUint32(entry, true);
  }

  row(entry: number): number {
    return this.#view.getUint32(entry + ROW_AT, true);
  }

  /** Where the next entry begins. */
  after(entry: number): number {
    return entry + HEAD_BYTES + padded(this.#view.getUint32(entry + IDENTITY_BYTES_AT, true));
  }

  isSameIdentity(a: number, b: number): boolean {
    const view = this.#view;
    const length = view.getUint32(a + IDENTITY_BYTES_AT, true);
    if (length !== view.getUint32(b + IDENTITY_BYTES_AT, true)) return false;
    for (let at = HEAD_BYTES; at < HEAD_BYTES + length; at += 4) {
      if (view.getInt32(a + at, true) !== view.getInt32(b + at, true)) return false;
    }
    return true;
  }

  /** Below 0 where the version of `a` is less than that of `b`, 0 where both are the same. */
  compareVersions(a: number, b: number): number {
    const view = this.#view;
    const difference = view.getUint32(a + VERSION_AT, true) - view.getUint32(b + VERSION_AT, true);
    if (difference !== 0) return difference;
    return view.getUint32(a + SUBVERSION_AT, true) - view.getUint32(b + SUBVERSION_AT, true);
  }
}

function copyWords(source: DataView, from: number, target: DataView, to: number, bytes: number): void {
  for (let at = 0; at < bytes; at += 4) target.setInt32(to + at, source.getInt32(from + at, true), true);
}

/** The last bytes of a text, filled up with zeros. */
function lastWord(source: DataView, start: number, end: number): number {
  let word = 0;
  for (let at = end - 1; at >= start; at -= 1) word = (word << 8) | source.getUint8(at);
  return word;
}
