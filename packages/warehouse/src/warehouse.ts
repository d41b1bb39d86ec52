/** What a silver object holds. */
export type SilverDataset = "customers" | "orders" | "clicks";

/** What the cleaner counted for an object's bronze object; `undefined` where nobody wrote it down. */
export interface SilverCounts {
  read: number | undefined;
  kept: number | undefined;
  rejected: number | undefined;
  /** Records dropped because the same file has a later version of them. */
  duplicates: number | undefined;
  /** Rejected records by reason code. */
  reasons: Readonly<Record<string, number>>;
}

/** A silver object that can be read when its turn comes. */
export interface SilverObject {
  key: string;
  /** Bytes. Objects of up to `SMALL_OBJECT_BYTES` may be opened long before they are read, several at once. */
  size: number;
  /** The bronze object it was made from: it decides which of two equally old records stands later. */
  bronzeKey: string;
  dataset: SilverDataset;
  /**
   * Starts to read. What it has opened may never be read: a small object is best held in memory by then. Whatever it
   * or the reading throws concerns this object alone.
   */
  open(): Promise<OpenSilverObject>;
}

export const SMALL_OBJECT_BYTES = 1024 * 1024;

export interface OpenSilverObject {
  etag: string;
  counts: SilverCounts;
  /** Rows in batches, each in the order of the dataset's silver columns (contract: e-commerce, section 2). */
  rows: AsyncIterable<readonly (readonly string[])[]>;
  /** Of the object's bytes, in hex. Known once `rows` has been read to its end. */
  sha256(): string;
}

export interface IngestedRows extends Pick<SilverObject, "key" | "bronzeKey" | "dataset"> {
  rows: number;
  counts: SilverCounts;
}

export interface IngestReport {
  ingested: readonly IngestedRows[];
  /** Keys that were in the warehouse already: somebody else was faster. */
  skipped: readonly string[];
  /** Objects that could not be read. Nothing of them was taken; the others were. */
  failed: readonly { key: string; error: unknown }[];
}

export interface IngestedObject {
  etag: string;
  sha256: string;
}

export interface RebuildOptions {
  /** Stops the rebuild, which then throws the signal's reason and has changed nothing. */
  signal?: AbortSignal;
}

export type SqlValue = string | number | bigint | null;

/** Integers are `bigint` whatever their size, other numbers `number`. */
export interface QueryResult {
  columns: readonly string[];
  rows: readonly (readonly SqlValue[])[];
}

export type WatchedTable = "orders" | "customers" | "clicks";

/** Rows of a table for which an SQL condition over its columns holds. */
export interface RowCondition {
  table: WatchedTable;
  condition: string;
}

/**
 * The whole history of orders, customers and clicks, kept right in small steps (contract: e-commerce, section 4).
 *
 * Tables: `orders`, `customers`, `clicks`, the cube `sales` (order_date × product × channel × country -> orders, quantity,
 * revenue), its rollups `sales_by_day`, `sales_by_product`, `sales_by_channel`, `sales_by_country`, and `objects`, the
 * list of the silver objects that are in. Amounts and quantities are integers of 1/10000. A reader sees all of
 * them before a step or after it, never in between.
 *
 * The contents are a function of the set of silver objects: neither the order in which they arrive nor
 * how they are grouped nor how often they come matters. Of several versions of an order the greatest order_ts stays; on
 * a tie, and for customers always, the one whose bronze key stands later in UTF-8 byte order. Every click counts.
 *
 * Every method throws `IngotError`: `warehouse_busy` (worth a retry), `warehouse_invalid`.
 */
export interface Warehouse {
  /** Where it is, for people. */
  readonly url: string;
  /** The silver objects that are in, by key. It may miss what other processes did a moment ago. */
  ingestedObjects(): Promise<ReadonlyMap<string, IngestedObject>>;
  /** Takes objects in, all in one step. */
  ingest(objects: readonly SilverObject[]): Promise<IngestReport>;
  /** Notes that an object was written again with the same bytes. */
  setEtag(key: string, etag: string): Promise<void>;
  /**
   * Forgets everything and takes all these objects in, in one step: until it has ended readers see the old contents.
   * For many objects this is several times faster than to take them in, and nothing is in the way of readers and
   * writers meanwhile. What another process has taken in since the list was made is forgotten, and found again. An
   * object whose bytes are the same keeps the time at which it was taken in first.
   *
   * @throws what reading an object throws, unless the object itself is at fault (`silver_invalid`) or gone
   */
  rebuild(objects: Iterable<SilverObject>, options?: RebuildOptions): Promise<IngestReport>;
  /** Another text whenever the contents have changed. */
  revision(): Promise<string>;
  /**
   * Runs one query; it cannot change anything.
   *
   * @throws IngotError `query_failed` with the engine's message
   */
  query(sql: string): Promise<QueryResult>;
  /** Like `query`, for what takes its time: the process goes on with other things meanwhile. */
  queryAside(sql: string): Promise<QueryResult>;
  /**
   * How many rows there are for which each of these conditions holds, in their order. What was asked for once is counted
   * along by every step and every process, at a price that depends on the step and not on the history.
   *
   * @throws IngotError `query_failed` for what is no condition
   */
  countRows(conditions: readonly RowCondition[]): Promise<readonly number[]>;
  /** Frees what it holds. Nothing may be called afterwards. */
  close(): Promise<void>;
}
