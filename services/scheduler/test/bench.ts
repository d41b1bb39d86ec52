import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Alarm, IngotError, type Lake, NO_METRICS, type Notice, openLake } from "@ingot/common";
import { type Pipeline, pipelineInputs, type RunOptions, type RunRecord, runKey } from "@ingot/engine/batch";
import { onTestFinished } from "vitest";
import { type LogLine, recordingLogger } from "../../../packages/common/test/support/recorders.ts";
import type { RunResult } from "../src/batches.ts";
import { Job } from "../src/schedule/job.ts";
import { activeSchedule } from "../src/schedule/schedule.ts";
import type { ScheduleState } from "../src/schedule/schedule-state.ts";
import { type MovableClock, movableClock } from "./movable-clock.ts";

/** A pipeline of one table, with nothing to compute: what runs it here is told by the test. */
export function pipelineOf(schedule: Partial<Pipeline["schedule"]>): Pipeline {
  return {
    name: "shop",
    summary: "A shop.",
    tables: [
      {
        kind: "source",
        name: "sales",
        title: "the sales",
        files: /^sales/,
        example: "sales.csv",
        fields: [{ name: "id" }],
        merge: "all",
        columns: { id: "VARCHAR" },
        rule:
          () =>
          ({ values: [id] }) => [id ?? null],
      },
    ],
    deliverables: [],
    schedule: { retries: { most: 2, delayMs: 60_000 }, timeoutMs: 600_000, ...schedule },
  };
}

export interface Bench {
  folder: string;
  lake: Lake;
  clock: MovableClock;
  /** What was run, in the order in which it began. */
  runs: RunOptions[];
  /** What becomes of the next runs; then all succeed. */
  outcomes: ((options: RunOptions) => Promise<unknown> | unknown)[];
  /** What was raised, cleared and told. */
  told: string[];
  lines: LogLine[];
  put(file: string, text?: string): void;
  state(): ScheduleState;
  /** A scheduler's look at the pipeline, as another process would have it: it knows nothing but what is stored. */
  job(
    schedule?: Partial<Pipeline["schedule"]>,
    options?: { intervalMs?: number; schedules?: string },
  ): BenchJob;
}

export interface BenchJob {
  pass(signal?: AbortSignal): Promise<{ moreInMs: number | undefined }>;
}

export const DAILY = { cron: "0 9 * * *" };
export const failing =
  (code: ConstructorParameters<typeof IngotError>[0], text = "it failed") =>
  (): never => {
    throw new IngotError(code, text);
  };

/** A folder lake, a clock that is set by hand, and runs that are as the test wants them. */
export async function createBench(instant: string): Promise<Bench> {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-scheduler-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const buckets = { bronze: "bronze", silver: "silver", quarantine: "quarantine", gold: "gold" };
  const lake = await openLake({ url: pathToFileURL(folder), buckets });
  const clock = movableClock(instant);
  const { logger, lines } = recordingLogger();
  const bench = { runs: [] as RunOptions[], outcomes: [] as Bench["outcomes"], told: [] as string[] };
  const raised = new Map<string, Alarm>();
  const alarms = {
    raise: (alarm: Alarm) => {
      raised.set(alarm.id, alarm);
      bench.told.push(`raised ${alarm.title}\n${alarm.details ?? ""}`);
    },
    clear: (id: string) => {
      if (raised.delete(id)) bench.told.push(`over ${id}`);
    },
    tell: ({ title, details }: Notice) => {
      bench.told.push(`told ${title}\n${details ?? ""}`);
    },
    active: () => [...raised.values()],
  };
  let count = 0;
  const run = async (pipeline: Pipeline, options: RunOptions): Promise<RunResult> => {
    bench.runs.push(options);
    const at = clock.now().toISOString();
    count += 1;
    const record: RunRecord = {
      id: `${at.replace(/[-:.]/g, "")}-${count}`,
      pipeline: pipeline.name,
      trigger: options.trigger,
      started_at: at,
      status: "published",
      attempt: options.attempt ?? 1,
      code_version: "test",
      steps: [{ name: "sales", status: "done", rows: 3 }],
      published: [`${pipeline.name}/latest/sales.csv`],
    };
    const write = (written: RunRecord) =>
      options.lake.gold.write(runKey(pipeline.name, written.id), Buffer.from(JSON.stringify(written)));
    try {
      await bench.outcomes.shift()?.(options);
      await write(record);
      return { record };
    } catch (error) {
      return { record: { ...record, status: "failed", error: String(error), published: [] }, error };
    }
  };
  const job: Bench["job"] = (schedule = DAILY, { intervalMs = 5000 } = {}) => {
    const pipeline = pipelineOf(schedule);
    const made = new Job({
      pipeline,
      schedule: activeSchedule(pipeline, { schedules: undefined, scheduleTimezone: undefined }),
      batches: { inputs: pipelineInputs, run },
      lake,
      clock,
      logger,
      metrics: NO_METRICS,
      alarms,
      tellsAll: true,
      intervalMs,
      once: false,
      turn: (work) => work(),
      goldHistory: 1,
      currency: "EUR",
    });
    return { pass: (signal = new AbortController().signal) => made.pass(signal) };
  };
  const put: Bench["put"] = (file, text = "id\n1\n") => {
    const target = path.join(folder, "bronze/shop", file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    utimesSync(target, clock.now(), clock.now());
  };
  const state = () => JSON.parse(readFileSync(path.join(folder, "gold/shop/_runs/schedule.json"), "utf8"));
  return { ...bench, folder, lake, clock, lines, put, state, job };
}
