import { type Cells, viewOf, withRoom } from "@ingot/engine";

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

/** Collects entries. */
export class IdentityWriter {
  readonly #seed: number;
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view: DataView = viewOf(this.#bytes);
  #length = 0;

  /** @param seed makes the hashes unforeseeable; the same for all entries that are to be compared */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The entries; valid until the next change. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * Adds the row of a record.
   *
   * @param field the one that has its identity
   * @param version of rows with the same identity the one with the greatest version stays, and among these the one with
   *   the greatest subversion; both are whole numbers below 2^32
   * @param row counted from wherever the caller likes, below 2^32
   */
  add({ bytes, starts, ends }: Cells, field: number, version: number, subversion: number, row: number): void {
    const from = starts[field]!;
    const length = ends[field]! - from;
    this.#makeRoom(HEAD_BYTES + length);
    const target = this.#bytes;
    const view = this.#view;
    const start = this.#length;
    const identity = start + HEAD_BYTES;
    for (let at = 0; at < length; at += 1) target[identity + at] = bytes[from + at]!;
    view.setUint32(start, this.#hash(identity, identity + length), true);
    view.setUint32(start + ROW_AT, row, true);
    view.setUint32(start + IDENTITY_BYTES_AT, length, true);
    view.setUint32(start + VERSION_AT, version, true);
    view.setUint32(start + SUBVERSION_AT, subversion, true);
    this.#length = identity + length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** FNV-1a, four bytes at a time, with its bits mixed so that any of them can choose a slot. */
  #hash(start: number, end: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    let hash = this.#seed;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      hash = Math.imul(hash ^ view.getInt32(at, true), FNV_PRIME);
      hash ^= hash >>> 15;
    }
    for (; at < end; at += 1) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
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
  readonly #bytes: Buffer;
  readonly #view: DataView;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
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
    return entry + HEAD_BYTES + this.#view.getUint32(entry + IDENTITY_BYTES_AT, true);
  }

  isSameIdentity(a: number, b: number): boolean {
    const view = this.#view;
    const length = view.getUint32(a + IDENTITY_BYTES_AT, true);
    if (length !== view.getUint32(b + IDENTITY_BYTES_AT, true)) return false;
    let at = HEAD_BYTES;
    for (const end = HEAD_BYTES + length - 3; at < end; at += 4) {
      if (view.getInt32(a + at, true) !== view.getInt32(b + at, true)) return false;
    }
    for (; at < HEAD_BYTES + length; at += 1) {
      if (this.#bytes[a + at] !== this.#bytes[b + at]) return false;
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
