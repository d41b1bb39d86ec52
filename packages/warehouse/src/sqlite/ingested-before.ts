import type { DatabaseSync } from "node:sqlite";

/** When an object with these bytes was taken in: UTC, ISO 8601; `undefined` for one that was not. */
export type IngestedBefore = (key: string, sha256: string) => string | undefined;

/** Looks objects up in a warehouse that is going to be filled anew, so that it goes on knowing since when it has them. */
export function ingestedBefore(reader: DatabaseSync): IngestedBefore {
  const select = reader.prepare("SELECT ingested_at FROM objects WHERE key = ? AND sha256 = ?");
  return (key, sha256) => select.get(key, sha256)?.ingested_at as string | undefined;
}
