import { createHash } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import { IngotError, type ObjectStore, readAll } from "@ingot/common";
import { readCsv } from "@ingot/engine";

/**
 * The bytes that a manifest tells of. A file that is newer than the manifest is about to be described; history has the one
 * that is.
 *
 * @param keys where they may lie: in `latest`, and in history
 * @returns nothing where none of them has these bytes any more
 */
export async function readDescribed(
  gold: ObjectStore,
  keys: readonly string[],
  sha256: string,
): Promise<Buffer | undefined> {
  for (const key of keys) {
    const bytes = await readOrNothing(gold, key);
    if (bytes && createHash("sha256").update(bytes).digest("hex") === sha256) return bytes;
  }
  return undefined;
}

async function readOrNothing(gold: ObjectStore, key: string): Promise<Buffer | undefined> {
  try {
    return await readAll(gold, key);
  } catch (error) {
    const isGone = error instanceof IngotError && ["object_missing", "object_changed"].includes(error.code);
    if (isGone) return undefined;
    throw error;
  }
}

const SLICE_BYTES = 256 * 1024;

/**
 * The rows of a CSV file of ours, in batches; others are served meanwhile.
 *
 * @throws IngotError `silver_invalid` where its header is another one, or its form is not ours
 */
export function rowsOf(bytes: Buffer, columns: readonly string[]): AsyncGenerator<string[][]> {
  return readCsv(slices(bytes), columns);
}

/** The columns that a CSV file of ours says it has. */
export function headerOf(bytes: Buffer): string[] {
  const end = bytes.indexOf("\n");
  return bytes.toString("utf8", 0, end === -1 ? bytes.length : end).split(",");
}

async function* slices(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    yield bytes.subarray(at, at + SLICE_BYTES);
    await breathe();
  }
}
