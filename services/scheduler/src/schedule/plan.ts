import type { ActiveSchedule } from "./schedule.ts";
import type { BegunRun, ScheduleState } from "./schedule-state.ts";

/** What is to be done for a pipeline now. */
export type Plan =
  | { kind: "run"; run: BegunRun }
  /** Its process has ended in the middle of it too often. */
  | { kind: "give_up"; run: BegunRun }
  | { kind: "wait"; wait: Wait };

export interface Wait {
  /** Milliseconds until something is due; `undefined` where nothing is in sight. */
  ms: number | undefined;
  /** Whether that is known to be work already: files that are being added, or a run that is to be tried again. */
  isPending: boolean;
}

export interface Situation {
  now: Date;
  /** Of the files in bronze. */
  fingerprint: string;
  /** Milliseconds until nothing will have been added to them for long enough; 0 where that is so. */
  quietInMs: number;
}

/** A process that ends in the middle of the same run so often would do so for ever. */
const MOST_BROKEN = 3;
/** A clock that was ahead by more was wrong; one that is set back by less must not make anything run twice. */
const CORRECTION_MS = 24 * 60 * 60_000;
/** The longest that is waited for another attempt, whatever a clock that was wrong has written down. */
export const LONGEST_PAUSE_MS = 60 * 60_000;

/** True for a state that says nothing of this schedule, or was written by a clock that was wrong: it begins anew. */
export function isForeign(state: ScheduleState, { cron }: ActiveSchedule, now: Date): boolean {
  const isOther = state.cron !== cron?.text || state.timezone !== cron?.timezone;
  return isOther || Date.parse(state.since) > now.getTime() || isFarAhead(state.handled, now);
}

/** The state of a schedule that begins now; what was run stays known. */
export function newState(
  { cron }: ActiveSchedule,
  now: Date,
  before: ScheduleState | undefined,
): ScheduleState {
  const { since: _, handled, cron: _cron, timezone: _timezone, ...runs } = before ?? {};
  const isSame = before?.cron === cron?.text && before?.timezone === cron?.timezone;
  return {
    ...(cron ? { cron: cron.text, timezone: cron.timezone } : {}),
    since: now.toISOString(),
    ...(isSame && handled !== undefined && !isFarAhead(handled, now) ? { handled } : {}),
    ...runs,
  };
}

function isFarAhead(instant: string | undefined, now: Date): boolean {
  return instant !== undefined && Date.parse(instant) - now.getTime() > CORRECTION_MS;
}

/**
 * - Each time on the schedule is handled once; of several that were missed the last one is run.
 * - A run that was broken off, or is to be tried again, goes on unless a newer one takes its place.
 * - New files are run when nothing is being added to them, unless they were run already.
 */
export function planRun(
  state: ScheduleState,
  { cron, onArrival }: ActiveSchedule,
  situation: Situation,
): Plan {
  const { now, fingerprint, quietInMs } = situation;
  const due = cron && overdue(state, cron.last(now));
  const fresh = { fingerprint, attempt: 1, broken: 0 };
  if (state.begun && isStillDue(state.begun, due)) return continued(state.begun, situation);
  if (due) return { kind: "run", run: { trigger: "schedule", due: due.toISOString(), ...fresh } };
  if (onArrival && isNew(state, situation)) {
    if (quietInMs > 0) return waitFor(quietInMs);
    return { kind: "run", run: { trigger: "arrival", ...fresh } };
  }
  const next = cron?.next(now);
  return { kind: "wait", wait: { ms: next && next.getTime() - now.getTime(), isPending: false } };
}

const waitFor = (ms: number): Plan => ({ kind: "wait", wait: { ms, isPending: true } });

function continued(begun: BegunRun, { now, fingerprint, quietInMs }: Situation): Plan {
  const { again_at, is_running, ...run } = begun;
  if (begun.fingerprint !== fingerprint) {
    // What failed of other files says nothing of these.
    if (begun.trigger === "arrival" && quietInMs > 0) return waitFor(quietInMs);
    return { kind: "run", run: { ...run, fingerprint, attempt: 1, broken: 0 } };
  }
  const ms = remaining(again_at, now);
  if (ms > 0) return waitFor(ms);
  if (is_running !== true) return { kind: "run", run };
  const broken = run.broken + 1;
  return { kind: broken > MOST_BROKEN ? "give_up" : "run", run: { ...run, broken } };
}

/** The last time on the schedule, unless it was handled or lies before the schedule began. */
function overdue({ since, handled }: ScheduleState, last: Date | undefined): Date | undefined {
  if (!last) return undefined;
  const after = Math.max(...[since, handled ?? since].map((instant) => Date.parse(instant)));
  return last.getTime() > after ? last : undefined;
}

/** @param latest the last time on the schedule that is not handled */
function isStillDue({ trigger, due }: BegunRun, latest: Date | undefined): boolean {
  if (latest === undefined) return true;
  return trigger === "schedule" && due !== undefined && Date.parse(due) >= latest.getTime();
}

function isNew({ succeeded, failed }: ScheduleState, { fingerprint, now }: Situation): boolean {
  if (succeeded?.fingerprint === fingerprint) return false;
  if (failed?.fingerprint !== fingerprint) return true;
  return failed.again_at !== undefined && remaining(failed.again_at, now) <= 0;
}

function remaining(until: string | undefined, now: Date): number {
  if (until === undefined) return 0;
  const ms = Date.parse(until) - now.getTime();
  return ms > LONGEST_PAUSE_MS ? 0 : ms;
}
