import { type ErrorCode, IngotError, messageOf } from "@ingot/common";

const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** SQLite's primary result code of an error that `node:sqlite` threw. */
function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

/** True where the file's content is at fault: it is damaged, or no database at all. */
export function isUnreadableFile(error: unknown): boolean {
  const code = resultCode(error);
  return code === CORRUPT || code === NOT_A_DATABASE;
}

/** True where the disk is at fault, or the folder. */
function isDiskError(error: unknown): boolean {
  return [IO_ERROR, FULL, CANNOT_OPEN].includes(resultCode(error) ?? 0);
}

/** True where the log or its index could not be opened, or not be made. */
export function isWithoutLog(error: unknown): boolean {
  return [READ_ONLY, CANNOT_OPEN].includes(resultCode(error) ?? 0);
}

export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED;
}

/** Runs `action`; what SQLite throws becomes an IngotError that names the file. */
export function withSqliteErrors<T>(file: string, action: () => T, otherwise: ErrorCode): T {
  try {
    return action();
  } catch (error) {
    throw toIngotError(file, error, otherwise);
  }
}

/** What SQLite threw, as an IngotError that names the file; anything else unchanged. */
export function toIngotError(file: string, error: unknown, otherwise: ErrorCode): unknown {
  if (error instanceof IngotError || resultCode(error) === undefined) return error;
  if (isBusy(error)) {
    return new IngotError("warehouse_busy", `Another process is writing to the warehouse ${file}.`, {
      cause: error,
    });
  }
  if (isUnreadableFile(error)) {
    return new IngotError(
      "warehouse_invalid",
      `The warehouse ${file} is damaged (${messageOf(error)}). Start the aggregator again: it puts the file aside and fills a new one from silver.`,
      { cause: error },
    );
  }
  if (isDiskError(error)) {
    return new IngotError(
      "warehouse_invalid",
      `The warehouse ${file} cannot be read or written (${messageOf(error)}). Look whether its disk is full, and whether this user may write to its folder; nothing is lost.`,
      { cause: error },
    );
  }
  const message = otherwise === "query_failed" ? messageOf(error) : `Warehouse ${file}: ${messageOf(error)}.`;
  return new IngotError(otherwise, message, { cause: error });
}
