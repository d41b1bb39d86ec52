import { closeSync, fsyncSync, openSync, renameSync } from "node:fs";
import path from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { isBusy } from "../sqlite-errors.ts";

/** How Windows says that a file is in use. */
const IN_USE = ["EPERM", "EACCES", "EBUSY"];

/** Pages copied at a time: half a gigabyte a second, and other work in between. */
const COPY_PAGES = 4_096;

/**
 * Puts a complete file into the place of the warehouse's file, if no other process has that open. The caller's own
 * connections have to be closed.
 *
 * Nobody may go on with the old file under its old name: a write-ahead log beside the new one would belong to the old
 * one. So the old file is locked for good, loses its log, and says that it is out of date before it is replaced: who
 * opens it in this instant will look again. Whoever kills us in between leaves a file that is filled anew from silver.
 *
 * @returns false where the file is in use by somebody else; its contents have not changed then
 */
export function replaceFile(file: string, replacement: string): boolean {
  const old = new DatabaseSync(file, { timeout: 0 });
  try {
    old.exec("PRAGMA locking_mode = EXCLUSIVE");
    const { journal_mode: mode } = old.prepare("PRAGMA journal_mode = DELETE").get() ?? {};
    if (mode !== "delete") return false;
    old.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; PRAGMA user_version = 0; COMMIT");
    renameSync(replacement, file);
    flushFolder(path.dirname(file));
    return true;
  } catch (error) {
    if (isBusy(error) || IN_USE.includes(String((error as NodeJS.ErrnoException).code))) return false;
    throw error;
  } finally {
    old.close();
  }
}

/** Copies a complete file's contents into the warehouse's file, in one transaction beside those who read it. */
export async function copyInto(file: string, replacement: string): Promise<void> {
  const source = new DatabaseSync(replacement, { readOnly: true });
  try {
    await backup(source, file, { rate: COPY_PAGES });
  } finally {
    source.close();
  }
}

/** Makes a rename survive a loss of power, where the system lets a folder be opened. */
function flushFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
