import type { Alarms, Clock, Lake, Logger, Metrics, PassReport } from "@ingot/common";
import type { Pipeline, RunOptions, RunRecord, Trigger } from "@ingot/engine/batch";
import type { Batches, RunResult } from "../batches.ts";
import { described, type Lease, takeLease } from "../lease/lease.ts";
import { alarmId, failureAlarm, givenUpAlarm, successNotice } from "../messages.ts";
import { failureOf } from "../run-under-lease.ts";
import { BronzeWatch, type Sighting } from "./bronze-watch.ts";
import { execute } from "./execute.ts";
import { afterFailure, afterGivingUp, afterSuccess } from "./outcome.ts";
import { isForeign, newState, type Plan, planRun, type Wait } from "./plan.ts";
import type { ActiveSchedule } from "./schedule.ts";
import { type BegunRun, readState, type ScheduleState, writeState } from "./schedule-state.ts";

export interface JobOptions extends Pick<RunOptions, "goldHistory" | "currency" | "onChange"> {
  pipeline: Pipeline;
  schedule: ActiveSchedule;
  batches: Pick<Batches, "inputs" | "run">;
  lake: Lake;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  alarms: Alarms;
  /** Called when a run has ended, whatever became of it. */
  onEnd?: ((record: RunRecord) => void) | undefined;
  /** Whether successes are told as well. */
  tellsAll: boolean;
  /** Milliseconds between two looks. */
  intervalMs: number;
  /** Whether nobody waits for what is due later. */
  once: boolean;
  /** Waits until the process has room for one more run. */
  turn<T>(work: () => Promise<T>): Promise<T>;
}

/** Polls for which nothing may be added to bronze before an arrival counts as complete. */
const QUIET_POLLS = 2;

/** Runs one pipeline whenever it is due. */
export class Job {
  readonly #options: JobOptions;
  readonly #watch: BronzeWatch;
  /** As last read; another process may have written since. */
  #state: ScheduleState | undefined;
  #startedAt: Date | undefined;
  #skipped: string | undefined;
  #heldBy: string | undefined;

  constructor(options: JobOptions) {
    this.#options = options;
    const { pipeline, batches, lake, clock, logger, intervalMs, metrics, schedule } = options;
    const quietMs = QUIET_POLLS * intervalMs;
    const { inputs } = batches;
    this.#watch = new BronzeWatch(pipeline, { inputs, bronze: lake.bronze, clock, logger, quietMs });
    const labels = { pipeline: pipeline.name };
    metrics.gauge("ingot_run_due_timestamp_seconds", labels, () => seconds(schedule.cron?.next(clock.now())));
    metrics.gauge("ingot_run_success_timestamp_seconds", labels, () =>
      seconds(this.#state?.succeeded && new Date(this.#state.succeeded.at)),
    );
  }

  /** One look, and a run where one is due. @throws IngotError of the storage */
  async pass(signal: AbortSignal): Promise<PassReport> {
    const { clock, pipeline, lake } = this.#options;
    this.#startedAt ??= clock.now();
    const waiting = this.#withoutLooking();
    if (waiting) return waiting;
    const sighting = await this.#watch.look();
    if (!sighting) {
      this.#skipDue();
      return IDLE;
    }
    if (this.#state === undefined || this.#isAlarmed())
      this.#state = await readState(lake.gold, pipeline.name);
    this.#clearWhatOthersMended();
    const plan = this.#planned(this.#state, sighting);
    if (plan !== "new" && plan.kind === "wait") return this.#waiting(plan.wait);
    const trigger = plan === "new" ? "schedule" : plan.run.trigger;
    return await this.#options.turn(() => this.#withLease(trigger, sighting, signal));
  }

  /** Who does not run when files arrive need not look for any before the next time on the schedule. */
  #withoutLooking(): PassReport | undefined {
    const { schedule } = this.#options;
    if (schedule.onArrival || !this.#state || this.#isAlarmed()) return undefined;
    const nothingNew = { fingerprint: this.#state.begun?.fingerprint ?? "", quietInMs: 0 };
    const plan = this.#planned(this.#state, nothingNew);
    return plan !== "new" && plan.kind === "wait" ? this.#waiting(plan.wait) : undefined;
  }

  #planned(
    state: ScheduleState | undefined,
    sighting: Pick<Sighting, "fingerprint" | "quietInMs">,
  ): Plan | "new" {
    const { schedule, clock } = this.#options;
    const now = clock.now();
    if (!state || isForeign(state, schedule, now)) return "new";
    const { fingerprint, quietInMs } = sighting;
    return planRun(state, schedule, { now, fingerprint, quietInMs });
  }

  async #withLease(trigger: Trigger, sighting: Sighting, signal: AbortSignal): Promise<PassReport> {
    const { pipeline, lake, clock, logger } = this.#options;
    const taken = await takeLease({
      gold: lake.gold,
      pipeline: pipeline.name,
      trigger,
      clock,
      logger,
      signal,
    });
    if ("holder" in taken) {
      const who = described(taken.holder);
      if (who !== this.#heldBy) logger.info(`${pipeline.name} waits: it is being run by ${who}`);
      this.#heldBy = who;
      return IDLE;
    }
    this.#heldBy = undefined;
    const { lease } = taken;
    try {
      return await this.#work(lease, sighting, signal);
    } finally {
      await lease.release();
    }
  }

  /** What is to be done, as it stands now that nobody else does anything. */
  async #work(lease: Lease, sighting: Sighting, signal: AbortSignal): Promise<PassReport> {
    const { pipeline, lake, schedule, clock } = this.#options;
    this.#state = await readState(lake.gold, pipeline.name);
    let plan = this.#planned(this.#state, sighting);
    if (plan === "new") {
      const began = this.#state === undefined ? this.#startedAt! : clock.now();
      await this.#write(lease, newState(schedule, began, this.#state));
      plan = this.#planned(this.#state, sighting);
    }
    if (plan === "new") return IDLE;
    if (plan.kind === "wait") return this.#waiting(plan.wait);
    if (plan.kind === "give_up") {
      const { run } = plan;
      await this.#write(lease, afterGivingUp(this.#state!, run, clock.now()));
      this.#options.alarms.raise(givenUpAlarm(pipeline.name, run.broken, run.fingerprint));
      return AT_ONCE;
    }
    await this.#write(lease, { ...this.#state!, begun: { ...plan.run, is_running: true } });
    const execution = { lease, begun: plan.run, state: this.#state!, sighting, signal };
    const result = await execute(this.#options, execution);
    if (lease.signal.aborted) throw lease.signal.reason;
    if (signal.aborted && result.record.status === "failed") {
      // Whoever starts next goes on with it.
      await this.#write(lease, { ...this.#state!, begun: plan.run });
      return IDLE;
    }
    if (result.record.status === "failed") return await this.#failed(lease, plan.run, result);
    return await this.#succeeded(lease, plan.run, result);
  }

  async #succeeded(lease: Lease, run: BegunRun, { record }: RunResult): Promise<PassReport> {
    const { alarms, tellsAll, lake, logger, pipeline } = this.#options;
    await this.#write(lease, afterSuccess(this.#state!, run, record));
    alarms.clear(alarmId(pipeline.name));
    const notice = successNotice(record, lake.gold.url);
    if (tellsAll) alarms.tell(notice);
    else logger.info(notice.title);
    return AT_ONCE;
  }

  async #failed(lease: Lease, run: BegunRun, result: RunResult): Promise<PassReport> {
    const { alarms, clock, logger, pipeline, once } = this.#options;
    const { name, schedule } = pipeline;
    const { retries } = schedule;
    const error = failureOf(result);
    const { state, waitMs } = afterFailure(this.#state!, run, result, { retries, now: clock.now() });
    await this.#write(lease, state);
    if (waitMs !== undefined) {
      const text = `${name} failed and is tried again in ${Math.round(waitMs / 1000)} s: ${error.message}`;
      logger.warn({ pipeline: name, attempt: run.attempt }, text);
      return this.#waiting({ ms: waitMs, isPending: true });
    }
    // Somebody has put in some of the files, and is to put in the others: nothing is wrong yet.
    if (run.trigger === "arrival" && error.code === "input_missing") {
      logger.info(`${name} waits for more files: ${error.message}`);
      return IDLE;
    }
    alarms.raise(failureAlarm(result, run.fingerprint));
    return once ? { ...IDLE, blocked: error } : AT_ONCE;
  }

  async #write({ ensure }: Lease, state: ScheduleState): Promise<void> {
    const { lake, pipeline } = this.#options;
    await ensure();
    await writeState(lake.gold, pipeline.name, state);
    this.#state = state;
  }

  #isAlarmed(): boolean {
    const id = alarmId(this.#options.pipeline.name);
    return this.#options.alarms.active().some((alarm) => alarm.id === id);
  }

  /** A run by hand may have put right what failed here. */
  #clearWhatOthersMended(): void {
    const { alarms, pipeline } = this.#options;
    if (this.#state?.succeeded && !this.#state.failed && !this.#state.begun)
      alarms.clear(alarmId(pipeline.name));
  }

  /** A time on the schedule of a pipeline that nobody uses here. */
  #skipDue(): void {
    const { schedule, clock, logger, pipeline } = this.#options;
    const due = schedule.cron?.last(clock.now());
    if (!due || due <= this.#startedAt! || due.toISOString() === this.#skipped) return;
    this.#skipped = due.toISOString();
    logger.info(`${pipeline.name} was due at ${this.#skipped}, but has no files in bronze: skipped`);
  }

  #waiting({ ms, isPending }: Wait): PassReport {
    const { intervalMs, once } = this.#options;
    if (ms === undefined || (once && !isPending)) return IDLE;
    // Meanwhile it goes on looking.
    return { ...IDLE, moreInMs: isPending ? Math.min(ms, intervalMs) : ms < intervalMs ? ms : undefined };
  }
}

const IDLE: PassReport = { moreInMs: undefined, failures: [] };
const AT_ONCE: PassReport = { moreInMs: 0, failures: [] };

const seconds = (instant: Date | undefined): number | undefined => instant && instant.getTime() / 1000;
