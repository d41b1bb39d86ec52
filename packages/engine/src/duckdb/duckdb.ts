import { IngotError, messageOf } from "@ingot/common";

/**
 * How a column's values are meant, for those who print them:
 *
 * - `number`: a plain decimal number of any size, or `NaN`, `Infinity`, `-Infinity`
 * - `boolean`: `true`, `false`
 * - `json`: a list, a struct or the like, as JSON
 * - `text`: everything else; dates and instants are ISO 8601, instants with a zone in UTC
 */
export type CellKind = "number" | "boolean" | "json" | "text";

export interface ResultColumn {
  name: string;
  /** DuckDB's name of the type: `DECIMAL(18,4)`. */
  type: string;
  kind: CellKind;
}

/** A value as exact text (no number has gone through a float); `null` for NULL. */
export type Cell = string | null;

export interface QueryRows {
  columns: readonly ResultColumn[];
  /** Rows in batches, while the query is still running. To be read to the end, or left (`break`). */
  batches: AsyncIterable<readonly Cell[][]>;
}

export interface QueryLimits {
  /** Stops the query at once. */
  signal?: AbortSignal | undefined;
  /** Milliseconds that the query may take until its last row has been read. */
  timeoutMs?: number | undefined;
}

export interface DuckDbOptions {
  /** Bytes of memory; what does not fit goes to a temporary folder (default: 80 % of the machine's). */
  memoryBytes?: number;
  /** Default: one for each core. */
  threads?: number;
}

/**
 * A DuckDB in memory, for one piece of work. Instants are shown in UTC, nothing is installed or loaded over the network,
 * and nothing stays behind. One query at a time: the next one ends the rows of the one before.
 *
 * Every method throws `IngotError` `query_failed`, with DuckDB's own message and the place in the SQL.
 */
export interface DuckDbSession {
  /** A folder for files that this session alone needs; removed by `close`. */
  readonly folder: string;
  /** Runs statements whose results nobody needs. */
  run(sql: string, limits?: QueryLimits): Promise<void>;
  /** All rows of a query whose result is known to be small. */
  all(sql: string, limits?: QueryLimits): Promise<Cell[][]>;
  /** Runs a query and hands out its rows as they come. */
  query(sql: string, limits?: QueryLimits): Promise<QueryRows>;
  /**
   * The same for SQL that somebody typed: it may read and compute whatever it likes, but write no file, attach no
   * database and change no setting, which holds for the rest of the session. Of several statements the last one's rows
   * count; those before it may create tables and views in memory.
   */
  queryReadOnly(sql: string, limits?: QueryLimits): Promise<QueryRows>;
  /** Writes the rows of such a query to a Parquet file. Returns how many. */
  exportReadOnly(sql: string, file: string, limits?: QueryLimits): Promise<number>;
  /** Frees memory and temporary files. Nothing may be called afterwards. */
  close(): Promise<void>;
}

/**
 * Opens a DuckDB. The library is loaded here and not before: it takes a tenth of a second and 60 MB.
 *
 * @throws IngotError `query_failed` where this machine has none
 */
export async function openDuckDb(options: DuckDbOptions = {}): Promise<DuckDbSession> {
  let module: typeof import("./session.ts");
  try {
    module = await import("./session.ts");
  } catch (cause) {
    throw new IngotError(
      "query_failed",
      `DuckDB cannot be loaded on ${process.platform} ${process.arch}: ${messageOf(cause)}`,
      { cause },
    );
  }
  return await module.Session.open(options);
}
