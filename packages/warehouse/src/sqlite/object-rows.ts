import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { IngestedRows, OpenSilverObject, SilverObject } from "../warehouse.ts";

/** A row of `objects`, in the order of the table's columns. */
export type ObjectRow = SQLInputValue[];

/** @param ingestedAt UTC, ISO 8601 */
export function objectRow(
  id: number,
  object: SilverObject,
  content: OpenSilverObject,
  rows: number,
  ingestedAt: string,
): ObjectRow {
  const { key, dataset, bronzeKey } = object;
  const { read = null, kept = null, rejected = null, duplicates = null, reasons } = content.counts;
  const counts = [rows, read, kept, rejected, duplicates, JSON.stringify(reasons)];
  return [id, key, content.etag, content.sha256(), dataset, bronzeKey, ...counts, ingestedAt];
}

/** What a report tells of an object that was taken in. */
export function ingestedRows(object: SilverObject, { counts }: OpenSilverObject, rows: number): IngestedRows {
  const { key, bronzeKey, dataset } = object;
  return { key, bronzeKey, dataset, rows, counts };
}

/** Makes a function that stores rows of `objects`. */
export function objectInserter(database: DatabaseSync): (row: ObjectRow) => void {
  const insert = database.prepare("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  return (row) => {
    insert.run(...row);
  };
}
