import path from "node:path";
import { IngotError, type ObjectStat, type ObjectStore } from "@ingot/common";
import { LocalObjects, openDuckDb, sqlText } from "@ingot/engine";
import type { PreviewedContent } from "./preview.ts";
import { previewedRows, ROWS_SHOWN } from "./previewed-rows.ts";

/** Parquet has its table of contents at the end: the whole file is fetched where it is not one already. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_MS = 5_000;
const MEMORY_BYTES = 256 * 1024 * 1024;

/** @param size in bytes */
export const canPreviewParquet = (size: number): boolean => size <= MOST_BYTES;

/** One after the other: each takes some memory. */
let last: Promise<unknown> = Promise.resolve();

/**
 * The first rows of a Parquet file; nothing of a file that is none.
 *
 * @throws IngotError `query_timeout`; of the storage
 */
export function previewParquet(store: ObjectStore, info: ObjectStat): Promise<PreviewedContent> {
  const preview = last.then(() => readRows(store, info));
  last = preview.catch(() => undefined);
  return preview;
}

async function readRows(store: ObjectStore, info: ObjectStat): Promise<PreviewedContent> {
  const signal = AbortSignal.timeout(MOST_MS);
  const session = await openDuckDb({ memoryBytes: MEMORY_BYTES, threads: 1 });
  try {
    const objects = new LocalObjects(path.join(session.folder, "objects"));
    const [file] = await objects.files(store, [info], { signal });
    const sql = `SELECT * FROM read_parquet(${sqlText(file!.path)}) LIMIT ${ROWS_SHOWN + 1}`;
    const { columns, batches } = await session.query(sql, { signal });
    const rows = (await Array.fromAsync(batches)).flat();
    return previewedRows(
      columns.map(({ name }) => name),
      rows.map((row) => row.map((value) => value ?? "")),
    );
  } catch (error) {
    if (signal.aborted) throw tooSlow(info.key);
    if (error instanceof IngotError && error.code === "query_failed") return { is_cut: true };
    throw error;
  } finally {
    await session.close();
  }
}

function tooSlow(key: string): IngotError {
  const text = `${key} could not be read within ${MOST_MS / 1000} s. Try again, or ask for it by ingot query.`;
  return new IngotError("query_timeout", text, { context: { key } });
}
