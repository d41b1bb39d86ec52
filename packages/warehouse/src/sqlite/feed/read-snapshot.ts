import { type BigIntStats, existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { IngotError } from "@ingot/common";
import { kindOf } from "../file-kind.ts";
import { assertOwn } from "../open-database.ts";
import { isWithoutLog } from "../sqlite-errors.ts";

/** How long to wait for the moment in which a log begins or ends, or a file is replaced. */
const BUSY_TIMEOUT_MS = 1000;

/** A warehouse file that is open for one look. */
interface OpenSnapshot {
  database: DatabaseSync;
  /** Ends the look. @throws IngotError `warehouse_busy` where what was seen may have been changed meanwhile */
  close(): void;
}

/**
 * Reads from a warehouse file, all of one state. Nothing is kept open in between: who fills the file anew may then put
 * another into its place.
 *
 * @throws IngotError `warehouse_missing`, `warehouse_busy`, `warehouse_invalid`; SQLite's errors; what `read` throws
 */
export function readSnapshot<T>(file: string, read: (database: DatabaseSync) => T): T {
  const { database, close } = openSnapshot(file);
  try {
    return read(database);
  } finally {
    close();
  }
}

function openSnapshot(file: string): OpenSnapshot {
  const before = statOf(file);
  if (!before) throw missing(file, "There is no warehouse at");
  try {
    const database = begin(new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS }), file);
    return { database, close: () => database.close() };
  } catch (error) {
    // In a folder that we may not write to no log can be made. Where there is none nobody writes to the file either.
    if (!isWithoutLog(error) || hasLog(file)) throw error;
  }
  const url = pathToFileURL(file);
  url.searchParams.set("immutable", "1");
  const database = begin(new DatabaseSync(url, { readOnly: true }), file);
  const close = (): void => {
    database.close();
    if (hasLog(file) || !isSame(statOf(file), before)) throw busy(file, "was written to meanwhile");
  };
  return { database, close };
}

function begin(database: DatabaseSync, file: string): DatabaseSync {
  try {
    database.exec("BEGIN");
    assertUsable(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function assertUsable(database: DatabaseSync, file: string): void {
  const kind = kindOf(database);
  if (kind === "current") return;
  if (kind === "empty") throw missing(file, "There is nothing yet in the warehouse");
  assertOwn(file, kind);
  // So it is marked for the instant in which another file takes its place.
  if (database.prepare("PRAGMA user_version").get()?.user_version === 0)
    throw busy(file, "is being filled anew");
  throw new IngotError(
    "warehouse_invalid",
    `The warehouse ${file} was written by an older version of Ingot. Start this version's aggregator: it fills a new one from silver.`,
  );
}

const statOf = (file: string): BigIntStats | undefined =>
  statSync(file, { bigint: true, throwIfNoEntry: false });

/** An empty log without its index is left over. */
const hasLog = (file: string): boolean =>
  existsSync(`${file}-shm`) || (statOf(`${file}-wal`)?.size ?? 0n) > 0n;

const isSame = (after: BigIntStats | undefined, before: BigIntStats): boolean =>
  after?.ino === before.ino && after.mtimeNs === before.mtimeNs && after.size === before.size;

function missing(file: string, what: string): IngotError {
  return new IngotError(
    "warehouse_missing",
    `${what} ${file}. Start the aggregator, which fills it from silver, or name the right file with WAREHOUSE_URL.`,
    { context: { variable: "WAREHOUSE_URL" } },
  );
}

function busy(file: string, what: string): IngotError {
  return new IngotError("warehouse_busy", `The warehouse ${file} ${what}. Read it again.`);
}
