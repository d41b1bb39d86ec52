/*
 * Identities of rows as bytes: a sequence of entries, in the order of the rows. Without an object for each row they take
 * a fraction of the memory, go to disk as they are, and can be sent to another thread.
 */

const FIRST_BYTES = 8 * 1024;

/** An entry: its hash, its row, how long identity and version are, then both as UTF-8. */
const ROW_AT = 4;
const IDENTITY_BYTES_AT = 8;
const VERSION_BYTES_AT = 12;
const HEAD_BYTES = 16;

const FNV_PRIME = 0x01000193;

/** Collects entries. */
export class IdentityWriter {
  /** How many entries there are. */
  count = 0;
  readonly #seed: number;
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
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

  /** @param row counted from wherever the caller likes, below 2^32 */
  add(identity: string, version: string, row: number): void {
    const bytes = Buffer.from(identity + version);
    const identityBytes = Buffer.byteLength(identity);
    this.addBytes(bytes, { from: 0, to: identityBytes }, { from: identityBytes, to: bytes.length }, row);
  }

  /** The same as `add`, of texts that stand in `bytes` as UTF-8. */
  addBytes(bytes: Buffer, identity: Span, version: Span, row: number): void {
    const identityBytes = identity.to - identity.from;
    const versionBytes = version.to - version.from;
    this.#makeRoom(HEAD_BYTES + identityBytes + versionBytes);
    const start = this.#length;
    const identityStart = start + HEAD_BYTES;
    const versionStart = identityStart + identityBytes;
    const target = this.#bytes;
    for (let at = 0; at < identityBytes; at += 1) target[identityStart + at] = bytes[identity.from + at]!;
    for (let at = 0; at < versionBytes; at += 1) target[versionStart + at] = bytes[version.from + at]!;
    const view = this.#view;
    view.setUint32(start, this.#hash(identityStart, versionStart), true);
    view.setUint32(start + ROW_AT, row, true);
    view.setUint32(start + IDENTITY_BYTES_AT, identityBytes, true);
    view.setUint32(start + VERSION_BYTES_AT, versionBytes, true);
    this.#length = versionStart + versionBytes;
    this.count += 1;
  }

  clear(): void {
    this.#length = 0;
    this.count = 0;
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
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

/** A stretch of bytes. */
export interface Span {
  from: number;
  to: number;
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
    const identityBytes = this.#view.getUint32(entry + IDENTITY_BYTES_AT, true);
    return entry + HEAD_BYTES + identityBytes + this.#view.getUint32(entry + VERSION_BYTES_AT, true);
  }

  isSameIdentity(a: number, b: number): boolean {
    const length = this.#view.getUint32(a + IDENTITY_BYTES_AT, true);
    if (length !== this.#view.getUint32(b + IDENTITY_BYTES_AT, true)) return false;
    return (
      this.#compare(a + HEAD_BYTES, a + HEAD_BYTES + length, b + HEAD_BYTES, b + HEAD_BYTES + length) === 0
    );
  }

  /** Below 0 where the version of `a` is less than that of `b`, 0 where both are the same. */
  compareVersions(a: number, b: number): number {
    return this.#compare(this.#versionOf(a), this.after(a), this.#versionOf(b), this.after(b));
  }

  #versionOf(entry: number): number {
    return entry + HEAD_BYTES + this.#view.getUint32(entry + IDENTITY_BYTES_AT, true);
  }

  #compare(start: number, end: number, otherStart: number, otherEnd: number): number {
    return this.#bytes.compare(this.#bytes, otherStart, otherEnd, start, end);
  }
}

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
