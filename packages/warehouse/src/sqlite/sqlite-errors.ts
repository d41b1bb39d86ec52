import { type ErrorCode, IngotError, messageOf } from "@ingot/common";

const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
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
  const message = otherwise === "query_failed" ? messageOf(error) : `Warehouse ${file}: ${messageOf(error)}.`;
  return new IngotError(otherwise, message, { cause: error });
}
