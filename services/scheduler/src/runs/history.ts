import { inParallel, type ObjectStore } from "@ingot/common";
import { type RunRecord, runsFolder } from "@ingot/engine/batch";
import { readJson } from "../json-object.ts";
import { leaseHolder } from "../lease/lease.ts";

/** A run, and what became of one that nobody has ended. */
export interface PastRun extends RunRecord {
  is_broken_off: boolean;
}

const PARALLEL = 8;
/** Ids begin with the time, so that keys sort as runs were. */
const RUN_ID = /\/\d{8}T\d+Z-[^/]+\.json$/;

/** The newest runs of pipelines, newest first. */
export async function pastRuns(
  gold: ObjectStore,
  pipelines: readonly string[],
  { most, now }: { most: number; now: Date },
): Promise<PastRun[]> {
  const of = await Promise.all(pipelines.map((pipeline) => runsOf(gold, pipeline, most, now)));
  return of.flat().sort(newestFirst).slice(0, most);
}

async function runsOf(gold: ObjectStore, pipeline: string, most: number, now: Date): Promise<PastRun[]> {
  const keys: string[] = [];
  for await (const { key } of gold.list({ prefix: runsFolder(pipeline) }))
    if (RUN_ID.test(key)) keys.push(key);
  const newest = keys.sort().slice(-most);
  const records = await inParallel(
    newest,
    PARALLEL,
    async (key) => (await readJson<RunRecord>(gold, key))?.value,
  );
  const known = records.filter((record) => record !== undefined).sort(newestFirst);
  const isRunning = known.some(({ status }) => status === "running");
  const holder = isRunning ? await leaseHolder(gold, pipeline, now) : undefined;
  return known.map((record, at) => ({
    ...record,
    // One runs at a time: an earlier one that has no end was broken off.
    is_broken_off: record.status === "running" && !(at === 0 && holder !== undefined),
  }));
}

const newestFirst = (a: RunRecord, b: RunRecord): number => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
