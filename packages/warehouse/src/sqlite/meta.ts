import type { DatabaseSync } from "node:sqlite";

/** Says whose a new file is. A file that was built anew has another generation, so that no revision comes twice. */
export function createMeta(database: DatabaseSync, lakeUrl: string): void {
  database
    .prepare("INSERT INTO meta VALUES ('lake', ?), ('generation', ?), ('revision', '0')")
    .run(lakeUrl, crypto.randomUUID());
}

export function readMeta(database: DatabaseSync, name: string): string {
  return String(database.prepare("SELECT value FROM meta WHERE name = ?").get(name)?.value);
}

/** `<generation>.<steps>`: another text whenever the contents have changed. */
export function readRevision(database: DatabaseSync): string {
  const sql =
    "SELECT group_concat(value, '.') AS revision FROM meta WHERE name IN ('generation', 'revision')";
  return String(database.prepare(sql).get()?.revision);
}
