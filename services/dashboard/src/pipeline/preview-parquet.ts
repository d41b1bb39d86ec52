import path from "node:path";
import type { ObjectStat, ObjectStore } from "@ingot/common";
import { LocalObjects, openDuckDb, sqlText } from "@ingot/engine";
import type { PreviewedContent } from "./preview.ts";
import { previewedRows, ROWS_SHOWN } from "./previewed-rows.ts";

/** Parquet has its table of contents at the end: the whole file is fetched where it is not one already. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_MS = 10_000;
const MEMORY_BYTES = 256 * 1024 * 1024;

/** @param size in bytes */
export const canPreviewParquet = (size: number): boolean => size <= MOST_BYTES;

/** One after the other: each takes some memory. */
let last: Promise<unknown> = Promise.resolve();

/** The first rows of a Parquet file. @throws IngotError `query_failed` for a file that is none; of the storage */
export function previewParquet(store: ObjectStore, info: ObjectStat): Promise<PreviewedContent> {
  const preview = last.then(() => readRows(store, info));
  last = preview.catch(() => undefined);
  return preview;
}

async function readRows(store: ObjectStore, info: ObjectStat): Promise<PreviewedContent> {
  const session = await openDuckDb({ memoryBytes: MEMORY_BYTES, threads: 1 });
  try {
    const objects = new LocalObjects(path.join(session.folder, "objects"));
    const [file] = await objects.files(store, [info], { signal: AbortSignal.timeout(MOST_MS) });
    const sql = `SELECT * FROM read_parquet(${sqlText(file!.path)}) LIMIT ${ROWS_SHOWN + 1}`;
    const { columns, batches } = await session.query(sql, { timeoutMs: MOST_MS });
    const rows = (await Array.fromAsync(batches)).flat();
    return previewedRows(
      columns.map(({ name }) => name),
      rows.map((row) => row.map((value) => value ?? "")),
    );
  } finally {
    await session.close();
  }
}
