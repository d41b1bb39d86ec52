import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { IngotError } from "@ingot/common";
import { type FileKind, kindOf } from "./file-kind.ts";
import { createMeta, readMeta } from "./meta.ts";
import { SCHEMA, STAGING } from "./schema.ts";
import { isBusy, isUnreadableFile } from "./sqlite-errors.ts";

/** How long a writer waits for another one. Waiting blocks the whole process, so not for long. */
const BUSY_TIMEOUT_MS = 1000;
/**
 * The writer's. A tick with random ids comes by a thousand pages, and does not come by them again soon: this much keeps
 * the inner pages of the indexes over 50 million orders, more does not pay for its memory.
 */
const WRITER_CACHE_KIB = 192 * 1024;
const READER_CACHE_KIB = 64 * 1024;
const OPEN_ATTEMPTS = 5;
/**
 * How many pages (256 MiB) may wait in the write-ahead log before the writer itself copies them into the file. Usually
 * a thread of its own has done so long before: a tick with random keys writes hundreds of pages and must not wait for
 * the disk.
 */
const WAL_PAGES = 65_536;
/** So much of the log file stays when its contents have been copied. */
const WAL_BYTES = 128 * 1024 * 1024;

export interface OpenOptions {
  file: string;
  /** The lake whose history the file holds. */
  lakeUrl: string;
  onWarning: (message: string) => void;
  now: () => Date;
}

/**
 * Opens the connection that writes, creating the tables where they are missing. A file of an older version, a damaged
 * file and one that is no database are put aside, and the warehouse starts empty.
 *
 * @throws IngotError `warehouse_invalid` where the file belongs to another lake, a newer Ingot or somebody else
 */
export function openWriter(options: OpenOptions): DatabaseSync {
  const { file } = options;
  mkdirSync(path.dirname(file), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    let database: DatabaseSync | undefined;
    const inode = inodeOf(file);
    try {
      database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
      if (prepareFile(database, options)) return database;
      database.close();
      // Another process may have put a new file into this one's place just now.
      if (inodeOf(file) === inode) putAside(options, "was written by an older version");
    } catch (error) {
      if (database?.isOpen) database.close();
      if (isUnreadableFile(error) && inodeOf(file) === inode)
        putAside(options, "is damaged or no SQLite database");
      // Switching to WAL does not wait for another process that is just doing the same.
      else if (!isUnreadableFile(error) && !isBusy(error)) throw error;
      if (attempt >= OPEN_ATTEMPTS) throw error;
    }
  }
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** Opens the connection that queries run on. It sees committed steps only, also while the writer is in one. */
export function openReader(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  database.exec(`PRAGMA cache_size = -${READER_CACHE_KIB}`);
  return database;
}

/** Makes a connection and its file ready; false where the file is of an older version. */
function prepareFile(database: DatabaseSync, { file, lakeUrl }: OpenOptions): boolean {
  const kind = kindOf(database);
  if (kind === "older") return false;
  assertOwn(file, kind);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = ${WAL_PAGES};
    PRAGMA journal_size_limit = ${WAL_BYTES};
    PRAGMA cache_size = -${WRITER_CACHE_KIB};
    BEGIN IMMEDIATE;
  `);
  if (kindOf(database) === "empty") {
    database.exec(SCHEMA);
    createMeta(database, lakeUrl);
  }
  database.exec("COMMIT");
  const lake = readMeta(database, "lake");
  if (lake !== lakeUrl) throw ofAnotherLake(file, lake, lakeUrl);
  database.exec(STAGING);
  return true;
}

/** @throws IngotError `warehouse_invalid` for a file of somebody else or of a newer Ingot */
export function assertOwn(file: string, kind: FileKind): void {
  if (kind === "foreign") throw unusable(file, "holds other tables than Ingot's");
  if (kind === "newer") throw unusable(file, "was written by a newer version of Ingot");
}

export function ofAnotherLake(file: string, owner: string, lakeUrl: string): IngotError {
  return unusable(file, `belongs to the lake ${owner}, not to ${lakeUrl}`);
}

function unusable(file: string, why: string): IngotError {
  return new IngotError(
    "warehouse_invalid",
    `The warehouse file ${file} ${why}. Set WAREHOUSE_URL to another file; a new one is filled from silver.`,
    { context: { variable: "WAREHOUSE_URL" } },
  );
}

function putAside({ file, onWarning, now }: OpenOptions, why: string): void {
  const suffix = `.unusable-${now().toISOString().replace(/[-:.]/g, "")}`;
  for (const part of ["", "-wal", "-shm"]) {
    if (existsSync(file + part)) renameSync(file + part, file + suffix + part);
  }
  onWarning(
    `The warehouse ${file} ${why}. It was put aside as ${file}${suffix}; a new one is filled from silver.`,
  );
}
