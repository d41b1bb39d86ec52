import { inParallel, type ObjectInfo, type ObjectStore, readJson } from "@ingot/common";
import { isRunKey, type RunRecord, runsFolder } from "./run-record.ts";

const PARALLEL = 8;

/** Records that were read before, by key: they are read again only where they were written again. */
export type KnownRuns = Map<string, { etag: string; record: RunRecord | undefined }>;

/**
 * The newest runs of a pipeline, newest first; a record that cannot be read is left out.
 *
 * @param known what was read before; afterwards it has these runs
 * @throws IngotError of the storage
 */
export async function newestRuns(
  gold: ObjectStore,
  pipeline: string,
  limit: number,
  known: KnownRuns = new Map(),
): Promise<RunRecord[]> {
  const objects: ObjectInfo[] = [];
  for await (const object of gold.list({ prefix: runsFolder(pipeline) }))
    if (isRunKey(pipeline, object.key)) objects.push(object);
  // The time that a run began is what its id begins with.
  const newest = objects.slice(-limit).reverse();
  const read = await inParallel(newest, PARALLEL, async ({ key, etag }) => {
    const before = known.get(key);
    return { key, etag, record: before?.etag === etag ? before.record : await readRun(gold, key) };
  });
  known.clear();
  for (const { key, etag, record } of read) known.set(key, { etag, record });
  return read.map(({ record }) => record).filter((record) => record !== undefined);
}

async function readRun(gold: ObjectStore, key: string): Promise<RunRecord | undefined> {
  const record = (await readJson<RunRecord>(gold, key))?.value;
  return typeof record?.status === "string" && Array.isArray(record.steps) ? record : undefined;
}
