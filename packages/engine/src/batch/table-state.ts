import { JSON_TYPE, type ObjectInfo, type ObjectStore, readJson } from "@ingot/common";
import type { RecordCounts } from "./run-record.ts";

/**
 * What is known of a table in silver, kept beside it. Where it is lost the table is made anew; it is written after the
 * table's files, so that it never says more than there is.
 */
export interface TableState {
  /** By day or month; one of an empty name where the table is not cut. */
  parts: Record<string, PartState>;
  /** The files that a source's rows come from, by key. */
  objects: Record<string, ObjectState>;
  /** The columns of a model with DuckDB's types, as its query gave them. */
  columns?: Record<string, string>;
}

export interface PartState {
  /** Of all that it was made of. */
  made_of: string;
  /** Of its rows. */
  content: string;
  rows: number;
  /** The size of its file, 0 where it has none: what another run left half done is told by it. */
  bytes: number;
  /** Of the checks that it passed. */
  passed?: string;
}

export interface ObjectState extends Pick<ObjectInfo, "etag"> {
  /** When it arrived: UTC, ISO 8601. */
  arrived: string;
  /** Of the rule and what the rule looked into. */
  rule: string;
  /** Rows by part, before duplicates were dropped. */
  parts: Record<string, number>;
  records: Omit<RecordCounts, "objects" | "duplicates">;
}

/** An empty state where there is none, or none that can be read. @throws IngotError of the storage */
export async function readState(silver: ObjectStore, key: string): Promise<TableState> {
  const { parts, objects, columns } = (await readJson<TableState>(silver, key))?.value ?? {};
  const isState = typeof parts === "object" && typeof objects === "object";
  return isState ? { parts, objects, ...(columns && { columns }) } : { parts: {}, objects: {} };
}

export async function writeState(silver: ObjectStore, key: string, state: TableState): Promise<void> {
  await silver.write(key, Buffer.from(JSON.stringify(state)), JSON_TYPE);
}
