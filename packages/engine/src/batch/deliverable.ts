import type { QueryRows } from "../duckdb/duckdb.ts";

/** A file that leaves through gold. */
export interface Deliverable {
  /** Its name in `gold/<pipeline>/latest`. */
  file: string;
  /** The tables that it is made of. */
  from: readonly string[];
  /** MIME type. */
  contentType: string;
  /**
   * Writes the file. The same tables have to give the same content.
   *
   * @returns how many rows it has, where that means something
   */
  write(context: DeliverableContext): Promise<{ rows?: number }>;
}

export interface DeliverableContext {
  /** Where to write it: a local path. */
  path: string;
  /** Runs a query over the tables of `from`; one at a time. */
  query(sql: string): Promise<QueryRows>;
  /** Runs a statement, such as a COPY to `path`. */
  run(sql: string): Promise<void>;
  /** ISO 4217, shown with amounts. */
  currency: string;
  /** The month that it is about, `2026-11`, where the pipeline has months. */
  month: string | undefined;
  signal: AbortSignal;
}
