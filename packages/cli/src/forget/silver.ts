import { IngotError, type ObjectStore, type StoredObject } from "@ingot/common";
import { csvLine, readCsv } from "@ingot/engine";
import { DATASETS, type DatasetName } from "@ingot/pipelines";
import { forgetSilverRow } from "@ingot/pipelines/forgetting";
import type { Search } from "./bronze.ts";

/** Rows of the person in the body of a silver object. @throws IngotError `silver_invalid` */
export async function countRows(
  body: AsyncIterable<Uint8Array>,
  dataset: DatasetName,
  { person, text }: Search,
): Promise<number> {
  let rows = 0;
  for await (const batch of readCsv(body, DATASETS[dataset].silverColumns)) {
    for (const row of batch) if (forgetSilverRow(row, dataset, person, text) !== row) rows += 1;
  }
  return rows;
}

/** The body of a silver object without the person, for one whose bronze object is gone. */
export async function* forgottenRows(
  body: AsyncIterable<Uint8Array>,
  dataset: DatasetName,
  { person, text }: Search,
): AsyncGenerator<Uint8Array> {
  const columns = DATASETS[dataset].silverColumns;
  yield Buffer.from(csvLine(columns));
  for await (const batch of readCsv(body, columns)) {
    yield Buffer.from(batch.map((row) => csvLine(forgetSilverRow(row, dataset, person, text))).join(""));
  }
}

/** Writes an object anew out of itself. @throws IngotError `object_changed` where somebody else did meanwhile */
export async function replaceObject(
  store: ObjectStore,
  key: string,
  contentType: string,
  rewrite: (stored: StoredObject) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const stored = await store.read(key);
  const { etag, metadata } = stored;
  const { created } = await store.write(key, rewrite(stored), { metadata, contentType, ifMatch: etag });
  if (created) return;
  throw new IngotError("object_changed", `${key} was written to meanwhile. Run it again.`, {
    context: { key },
  });
}

export const SILVER_TYPE = "text/csv; charset=utf-8";
