import { JSON_TYPE, jsonBytes, type ObjectStore, readJson } from "@ingot/common";
import { runsFolder, type Trigger } from "@ingot/engine/runs";

/**
 * What is known of a pipeline's schedule beyond the life of a process, at `<pipeline>/_runs/schedule.json` in gold. Who
 * writes it holds the pipeline's lease. Instants are UTC, ISO 8601.
 */
export interface ScheduleState {
  /** The schedule that the rest is about; with another one, times before the change count as not scheduled. */
  cron?: string;
  timezone?: string;
  /** Since when it is scheduled. */
  since: string;
  /** The last time on the schedule for which a run has ended, whatever became of it. */
  handled?: string;
  /** A run that was begun, or is to be tried again. */
  begun?: BegunRun;
  succeeded?: EndedRun;
  /** Absent where a success followed. */
  failed?: EndedRun & { again_at?: string };
}

export interface BegunRun {
  trigger: Exclude<Trigger, "manual">;
  due?: string;
  /** Of the files in bronze. */
  fingerprint: string;
  /** From 1. */
  attempt: number;
  /** How often its process ended in the middle of it. */
  broken: number;
  /** True from its begin to its end. */
  is_running?: boolean;
  /** Not before. */
  again_at?: string;
}

export interface EndedRun {
  run: string;
  at: string;
  /** Of the files in bronze that it was about. */
  fingerprint: string;
}

export const scheduleKey = (pipeline: string): string => `${runsFolder(pipeline)}schedule.json`;

export async function readState(gold: ObjectStore, pipeline: string): Promise<ScheduleState | undefined> {
  const value = (await readJson<ScheduleState>(gold, scheduleKey(pipeline)))?.value;
  return value !== undefined && Number.isFinite(Date.parse(value.since)) ? value : undefined;
}

export async function writeState(gold: ObjectStore, pipeline: string, state: ScheduleState): Promise<void> {
  await gold.write(scheduleKey(pipeline), jsonBytes(state), JSON_TYPE);
}
