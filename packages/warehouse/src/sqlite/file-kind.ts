import type { DatabaseSync } from "node:sqlite";
import { APPLICATION_ID, SCHEMA_VERSION } from "./schema.ts";

/** What a SQLite file is to this version of Ingot; `empty` is one without any table. */
export type FileKind = "empty" | "foreign" | "newer" | "older" | "current";

export function kindOf(database: DatabaseSync): FileKind {
  const pragma = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  if (database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined) return "empty";
  if (pragma("application_id") !== APPLICATION_ID) return "foreign";
  const version = pragma("user_version");
  if (version === SCHEMA_VERSION) return "current";
  return version > SCHEMA_VERSION ? "newer" : "older";
}
