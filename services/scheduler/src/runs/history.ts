import type { ObjectStore } from "@ingot/common";
import { newestRuns, type RunRecord } from "@ingot/engine/runs";
import { leaseHolder } from "../lease/lease.ts";

/** A run, and what became of one that nobody has ended. */
export interface PastRun extends RunRecord {
  is_broken_off: boolean;
}

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
  const known = await newestRuns(gold, pipeline, most);
  const isRunning = known.some(({ status }) => status === "running");
  const holder = isRunning ? await leaseHolder(gold, pipeline, now) : undefined;
  return known.map((record, at) => ({
    ...record,
    // One runs at a time: an earlier one that has no end was broken off.
    is_broken_off: record.status === "running" && !(at === 0 && holder !== undefined),
  }));
}

const newestFirst = (a: RunRecord, b: RunRecord): number => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
