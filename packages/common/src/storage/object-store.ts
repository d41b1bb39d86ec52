import { createHash } from "node:crypto";

/** What a listing tells about an object. */
export interface ObjectInfo {
  /** Slash-separated, relative to the layer, without a leading slash. */
  key: string;
  /** Bytes. */
  size: number;
  /** Opaque; it changes when the object's bytes are written again. */
  etag: string;
  /** When the storage took the object in, by the storage's clock. */
  modified: Date;
}

/**
 * Small facts kept with an object: at most 2 KB in all, any text as values. Names are lower-case letters, digits and
 * single `-` or `_`.
 */
export type ObjectMetadata = Readonly<Record<string, string>>;

export interface ObjectStat extends ObjectInfo {
  metadata: ObjectMetadata;
}

export interface StoredObject extends ObjectStat {
  /**
   * The bytes, in chunks. Iterate it to the end or leave the loop (`break`, `return`, `throw`): both free the
   * connection. Never to begin leaves it open. A store whose objects can change under a reader (a plain folder)
   * throws `object_changed` at the end instead of handing out a mixture.
   */
  body: AsyncIterable<Uint8Array>;
}

export interface ListOptions {
  /** Only keys that begin with this text. It need not end at a slash. */
  prefix?: string;
  /** Only keys after this one. */
  startAfter?: string;
  /** Folders, each with its closing slash, that are left out with all that is in them; they cost next to nothing. */
  without?: readonly string[];
}

export interface WriteOptions {
  metadata?: ObjectMetadata;
  /** Create only: where the key exists already, nothing is written and the answer is `created: false`. */
  ifAbsent?: boolean;
  /**
   * Replace only: where the object does not have this ETag any more, nothing is written and the answer is `created: false`.
   * Some stores do not look, so that whoever has to be sure looks before as well.
   */
  ifMatch?: string;
  contentType?: string;
}

/**
 * One layer of the lake: a bucket, or a folder. The two adapters (S3, plain folder) pass one contract suite.
 *
 * Every method throws `IngotError`: `storage_unavailable` (worth a retry), `storage_denied`, `bucket_missing`,
 * `object_missing` (read only), `object_changed` (read only), `invalid_key`.
 */
export interface ObjectStore {
  /** Where it is, for people: `file:///…/bronze`, `s3://bronze`. */
  readonly url: string;
  /**
   * Milliseconds for which an object must have been left alone before it can be taken as whole: 0 where
   * writing is atomic for everybody; more in a plain folder, where users copy files in bit by bit.
   */
  readonly settleMs: number;
  /**
   * All matching objects in ascending order of the keys' UTF-8 bytes. A folder that does not exist yet is empty; a
   * bucket has to be there (`bucket_missing`).
   */
  list(options?: ListOptions): AsyncIterable<ObjectInfo>;
  /** Facts about one object; `undefined` where there is none. */
  stat(key: string): Promise<ObjectStat | undefined>;
  read(key: string): Promise<StoredObject>;
  /**
   * Writes an object whole or not at all: a reader never sees a part of it, and a killed writer leaves
   * either the old object or the new one. Metadata is there as soon as the object is.
   *
   * What `body` throws is thrown on as it is, and nothing is written. Its chunks may be held for a while: their
   * memory must not be used again.
   */
  write(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<{ created: boolean }>;
  /** Deletes an object with its metadata. One that does not exist is no error. */
  delete(key: string): Promise<void>;
  /** What was written over or deleted; absent where the storage keeps nothing of that. */
  readonly versions?: ObjectVersions;
}

/** One of the versions that a store has under a key. */
export interface ObjectVersion {
  key: string;
  /** Opaque. */
  id: string;
  /** Bytes. */
  size: number;
  /** True for the version that readers get. */
  isCurrent: boolean;
  /** True for a mark that says that the object was deleted. */
  isDeletion: boolean;
}

/**
 * The versions of objects in a store that keeps what is written over and deleted. Every method throws `IngotError` as
 * `ObjectStore` does. A store that cannot list versions keeps none.
 */
export interface ObjectVersions {
  /** All versions of the objects whose keys begin with `prefix`, the current ones included. */
  list(prefix?: string): AsyncIterable<ObjectVersion>;
  read(version: ObjectVersion): AsyncIterable<Uint8Array>;
  /** Deletes a version for good. */
  delete(version: ObjectVersion): Promise<void>;
}

const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;

/** Compares keys as storage sorts them, by UTF-8 bytes (which JavaScript's own comparison does not). */
export function compareKeys(a: string, b: string): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return utf8Rank(x) - utf8Rank(y);
  }
  return a.length - b.length;
}

/** UTF-8 sorts by code points: those beyond U+FFFF, which are surrogates in UTF-16, come after all others. */
function utf8Rank(unit: number): number {
  if (unit < FIRST_SURROGATE) return unit;
  return unit < AFTER_SURROGATES ? unit + 0x10000 : unit;
}

/** The whole object as one buffer. For objects that are known to be small. */
export async function readAll(store: ObjectStore, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await store.read(key)).body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The same body; each chunk's length is told when it is read. */
export async function* counted(
  body: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/** The SHA-256 of a body's bytes, in hex; memory does not grow with the body. */
export async function sha256Of(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}
