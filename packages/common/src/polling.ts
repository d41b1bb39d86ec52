import type { Clock } from "./clock.ts";
import { IngotError, isTransient, messageOf } from "./errors.ts";
import type { Heartbeat } from "./health.ts";
import type { Logger } from "./logger.ts";
import { type Metrics, NO_METRICS, secondsSince } from "./metrics/metrics.ts";

/** What every pass tells the loop. */
export interface PassReport {
  /**
   * Milliseconds until more work is ready that this pass saw but could not take yet; 0 for at once.
   * `undefined` where nothing is left to do.
   */
  moreInMs: number | undefined;
  /** Objects that could not be worked off; the others were. They are tried again at the next pass. */
  failures: readonly PassFailure[];
  /** Why the result may not be used although all work is done: the data is at fault, not the service. */
  blocked?: Error | undefined;
}

export interface PassFailure {
  key: string;
  error: unknown;
}

export interface PollingOptions<Report extends PassReport> {
  pass(signal: AbortSignal): Promise<Report>;
  /** Called after each pass that succeeded. */
  onPass?: ((report: Report) => void) | undefined;
  intervalMs: number;
  /** Work off everything that is pending, then return. */
  once: boolean;
  signal: AbortSignal;
  clock: Clock;
  logger: Logger;
  /** Told of each pass: a service that only fails makes no progress. */
  heartbeat?: Heartbeat | undefined;
  /** Told of each pass as well, and of what failed in it. */
  metrics?: Metrics | undefined;
  /** Ends a sleep early; see `createWaker`. */
  waker?: Waker | undefined;
}

/** Lets somebody (a notification, a file watcher) end the loop's sleep. Only ever a hint. */
export interface Waker {
  wake(): void;
  /** Sleeps until `ms` have passed, somebody wakes it or `signal` is aborted. A wake in between counts. */
  sleep(ms: number, clock: Clock, signal: AbortSignal): Promise<void>;
}

/**
 * For wakers that are told of each object: what one writer writes in one go falls into it, and of the second that an
 * object may take to gold it costs two stages a third.
 */
export const GATHER_MS = 150;

/**
 * A waker for one loop. Wakes that come in a burst are one:
 *
 * - A wake ends the sleep `gatherMs` later, and those that come meanwhile count as the same. Otherwise each object of
 *   many that are written one after the other would cause a pass, and each pass lists a layer.
 * - A woken sleep lasts at least as long as the work before it, so that a steady stream of wakes makes no loop list a
 *   large layer all the time.
 *
 * A sleep is never longer than it was asked to be.
 *
 * @param gatherMs milliseconds; 0 to wake at once
 */
export function createWaker(gatherMs = 0): Waker {
  let awake = new AbortController();
  let workingSince: number | undefined;
  return {
    wake: () => awake.abort(),
    sleep: async (ms, clock, signal) => {
      const start = clock.now().getTime();
      const workMs = gatherMs === 0 ? 0 : start - (workingSince ?? start);
      await clock.sleep(ms, AbortSignal.any([signal, awake.signal]));
      if (awake.signal.aborted) {
        const sleptMs = Math.max(0, clock.now().getTime() - start);
        const restMs = Math.min(ms - sleptMs, Math.max(gatherMs, workMs - sleptMs));
        if (restMs > 0) await clock.sleep(restMs, signal);
        awake = new AbortController();
      }
      workingSince = clock.now().getTime();
    },
  };
}

const MAX_BACKOFF_MS = 60_000;
const FIRST_BACKOFF_MS = 200;
/** With `once` nobody wants to wait for long: about six seconds in all. */
const ATTEMPTS_ONCE = 6;

/**
 * The one polling loop: while it should run, one pass, forget earlier failures, sleep. A pass that throws is tried
 * again after a delay that doubles each time (with jitter, up to a minute). The same failure is logged once, and
 * once more when it is over.
 *
 * @throws with `once` only: the error of a pass, at once where a retry cannot help, else after some attempts
 */
export async function poll<Report extends PassReport>(options: PollingOptions<Report>): Promise<void> {
  const { signal, clock, logger, once, metrics = NO_METRICS } = options;
  const waker = options.waker ?? createWaker();
  let failures = 0;
  let lastFailure = "";
  const reported = new Set<string>();
  let failing = 0;
  metrics.gauge("ingot_failing_objects", {}, () => failing);
  while (!signal.aborted) {
    let waitMs: number;
    let isFailed = false;
    const start = performance.now();
    const took = (outcome: "ok" | "failed"): void =>
      metrics.observe("ingot_pass_duration_seconds", { outcome }, secondsSince(start));
    try {
      const report = await options.pass(signal);
      took("ok");
      failing = report.failures.length;
      for (const { error } of report.failures)
        metrics.add("ingot_object_failures_total", { code: codeOf(error) });
      reportFailures(report.failures, reported, logger);
      const [firstFailure] = report.failures;
      if (firstFailure === undefined) options.heartbeat?.done();
      else options.heartbeat?.failed(firstFailure.error);
      options.onPass?.(report);
      if (once && report.failures.length > 0) throw incomplete(report.failures);
      if (once && report.blocked && report.moreInMs === undefined) throw report.blocked;
      if (lastFailure !== "") logger.info({ attempts: failures }, "working again");
      lastFailure = "";
      failures = 0;
      if (once && report.moreInMs === undefined) return;
      waitMs = report.moreInMs ?? options.intervalMs;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      took("failed");
      metrics.add("ingot_pass_failures_total", { code: codeOf(error) });
      options.heartbeat?.failed(error);
      if (once && (!isTransient(error) || failures >= ATTEMPTS_ONCE)) throw error;
      isFailed = true;
      waitMs = backoff(failures, once ? FIRST_BACKOFF_MS : Math.max(FIRST_BACKOFF_MS, options.intervalMs));
      const failure = messageOf(error);
      if (failure !== lastFailure) logger.error(describe(error), `${failure} (trying again)`);
      lastFailure = failure;
    }
    // What fails must not be tried again at the pace of new objects.
    await (isFailed ? clock.sleep(waitMs, signal) : waker.sleep(waitMs, clock, signal));
  }
}

/** Logs each object's failure once, for as long as it stays the same. */
function reportFailures(failures: readonly PassFailure[], reported: Set<string>, logger: Logger): void {
  const current = new Map(failures.map(({ key, error }) => [`${key}\0${messageOf(error)}`, error]));
  for (const [id, error] of current) {
    if (!reported.has(id)) logger.error(describe(error), messageOf(error));
  }
  reported.clear();
  for (const id of current.keys()) reported.add(id);
}

function incomplete(failures: readonly PassFailure[]): IngotError {
  const transient = failures.find(({ error }) => isTransient(error));
  if (transient) return transient.error as IngotError;
  const first = messageOf(failures[0]?.error);
  const many = failures.length === 1 ? "1 object" : `${failures.length} objects`;
  return new IngotError(
    "incomplete",
    `${many} could not be worked off, the others were. The first: ${first}`,
  );
}

function codeOf(error: unknown): string {
  return error instanceof IngotError ? error.code : "other";
}

function backoff(failures: number, baseMs: number): number {
  const full = Math.min(MAX_BACKOFF_MS, baseMs * 2 ** (failures - 1));
  return full * (0.5 + Math.random() / 2);
}

/** An error as log fields: known ones by code and place, unknown ones with their stack. */
function describe(error: unknown): Record<string, unknown> {
  return error instanceof IngotError ? { code: error.code, ...error.context } : { err: error };
}
