import { isTransient } from "@ingot/common";
import type { Pipeline, RunRecord } from "@ingot/engine/batch";
import type { RunResult } from "../batches.ts";
import { failureOf } from "../run-under-lease.ts";
import { LONGEST_PAUSE_MS } from "./plan.ts";
import type { BegunRun, ScheduleState } from "./schedule-state.ts";

export function afterSuccess(state: ScheduleState, run: BegunRun, record: RunRecord): ScheduleState {
  const { failed: _, begun: __, ...rest } = state;
  // Files that came while it ran are newer than its begin.
  const succeeded = { run: record.id, at: record.started_at, fingerprint: run.fingerprint };
  return { ...rest, ...handled(run), succeeded };
}

/** What follows a run that failed; `waitMs` where it is tried again then. */
export function afterFailure(
  state: ScheduleState,
  run: BegunRun,
  result: RunResult,
  { retries: { most, delayMs }, now }: Pick<Pipeline["schedule"], "retries"> & { now: Date },
): { state: ScheduleState; waitMs?: number } {
  const later = (ms: number) => new Date(now.getTime() + ms).toISOString();
  const passes = isTransient(failureOf(result));
  if (passes && run.attempt <= most) {
    const waitMs = Math.min(delayMs * 2 ** (run.attempt - 1), LONGEST_PAUSE_MS);
    return {
      state: { ...state, begun: { ...run, attempt: run.attempt + 1, again_at: later(waitMs) } },
      waitMs,
    };
  }
  return { state: ended(state, run, result.record.id, now, passes ? later(LONGEST_PAUSE_MS) : undefined) };
}

export const afterGivingUp = (state: ScheduleState, run: BegunRun, now: Date): ScheduleState =>
  ended(state, run, "", now, undefined);

function ended(
  { begun: _, ...state }: ScheduleState,
  run: BegunRun,
  id: string,
  now: Date,
  again_at: string | undefined,
): ScheduleState {
  const again = again_at === undefined ? {} : { again_at };
  const failed = { run: id, at: now.toISOString(), fingerprint: run.fingerprint, ...again };
  return { ...state, ...handled(run), failed };
}

/** That a time on the schedule needs no run any more. */
const handled = ({ due }: BegunRun): Pick<ScheduleState, "handled"> =>
  due === undefined ? {} : { handled: due };
