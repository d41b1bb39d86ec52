import { IngotError, inParallel, type ObjectStore, readAll } from "@ingot/common";
import { type RunRecord, runsFolder } from "./run-record.ts";

const PARALLEL = 8;
/** Beside the records lies what schedules remember. */
const RECORD = /^\d{8}T[^/]*\.json$/;

/**
 * The newest runs of a pipeline, newest first; a record that cannot be read is left out.
 *
 * @throws IngotError of the storage
 */
export async function newestRuns(gold: ObjectStore, pipeline: string, limit: number): Promise<RunRecord[]> {
  const folder = runsFolder(pipeline);
  const keys: string[] = [];
  for await (const { key } of gold.list({ prefix: folder }))
    if (RECORD.test(key.slice(folder.length))) keys.push(key);
  // The time that a run began is what its id begins with.
  const records = await inParallel(keys.slice(-limit).reverse(), PARALLEL, (key) => readRun(gold, key));
  return records.filter((record) => record !== undefined);
}

async function readRun(gold: ObjectStore, key: string): Promise<RunRecord | undefined> {
  try {
    const record = JSON.parse((await readAll(gold, key)).toString("utf8")) as RunRecord;
    return typeof record?.status === "string" && Array.isArray(record.steps) ? record : undefined;
  } catch (error) {
    if (error instanceof IngotError && error.code !== "object_missing") throw error;
    return undefined;
  }
}
