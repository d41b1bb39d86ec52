import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  type Command,
  type CommandContext,
  IngotError,
  type Lake,
  lakeLocation,
  messageOf,
  openLake,
} from "@ingot/common";
import type { Expectation, Pipeline } from "@ingot/engine/batch";
import { BATCHES } from "../all-batches.ts";
import type { Batches, RunResult } from "../batches.ts";
import { described, type Lease, takeLease } from "../lease/lease.ts";
import { alarmId, failureText } from "../messages.ts";
import { failureOf, runUnderLease } from "../run-under-lease.ts";
import { activeSchedule, scheduleText } from "../schedule/schedule.ts";
import { readState, writeState } from "../schedule/schedule-state.ts";
import { type Period, periodOf } from "./period.ts";
import { createRunDisplay } from "./run-display.ts";
import { reportLines } from "./run-text.ts";

/** `ingot run`: a pipeline now, by hand. */
export const runPipelineCommand = commandOf(BATCHES);

export function commandOf(batches: Batches): Command {
  return {
    name: "run",
    summary: "Run a pipeline now: bronze -> silver -> gold.",
    description: `Takes in what is new in bronze, computes what depends on it, runs all checks and publishes; where a check
fails, it says which, and gold stays as it was. What is done already is not done again. It returns when
the run is over. Without a name it lists the pipelines.

Where a scheduler, or somebody else, is running the pipeline, it says so and ends; --wait waits.`,
    positionals: "[<pipeline>]",
    flags: {
      from: { value: "DATE", help: "from this day or month on, where the pipeline has days or months" },
      to: { value: "DATE", help: "up to this day or month" },
      expect: { value: "FILE", help: "YAML with the values that this month is to have" },
      anew: { help: "make everything anew, whatever earlier runs left" },
      wait: { help: "wait where the pipeline is being run already" },
      json: { help: "print the run's record as JSON" },
    },
    options: ["lakeUrl", "goldHistory", "currency", "logLevel", "logFormat"],
    examples: [
      "ingot run",
      "ingot run sme-sales",
      "ingot run retail-stores --from 2026-01-01 --to 2026-01-31",
      "ingot run wine-merchant --expect november.yml",
    ],
    run: (context) => run(context, batches),
  };
}

async function run(context: CommandContext, batches: Batches): Promise<void> {
  const [name, ...more] = context.positionals;
  if (more.length > 0) throw new IngotError("usage", `Name one pipeline: ingot run ${name}`);
  if (name === undefined) return await list(context, batches);
  const pipeline = await batches.load(name);
  const { settings, flags } = context;
  const period = periodOf(pipeline, { from: textFlag(flags.from), to: textFlag(flags.to) });
  const expectations = await readExpectations(textFlag(flags.expect), pipeline);
  const lake = await openLake(lakeLocation(settings));
  try {
    const lease = await waitForLease(pipeline, lake, context);
    try {
      await runOnce({ context, batches, pipeline, lake, lease, period, expectations });
    } finally {
      await lease.release();
    }
  } finally {
    await lake.close();
  }
}

interface ManualRun {
  context: CommandContext;
  batches: Batches;
  pipeline: Pipeline;
  lake: Lake;
  lease: Lease;
  period: Period;
  expectations: readonly Expectation[] | undefined;
}

async function runOnce(manual: ManualRun): Promise<void> {
  const { context, batches, pipeline, lake, lease, period, expectations } = manual;
  const { settings, flags, clock, signal, print, write } = context;
  const { goldHistory, currency } = settings;
  const isJson = flags.json === true;
  const display = createRunDisplay({
    isTerminal: process.stdout.isTTY === true,
    columns: process.stdout.columns ?? 100,
    rows: process.stdout.rows ?? 40,
    write,
  });
  // What the steps do is shown; what goes wrong is still said.
  const logger = context.logger("run", { usualLevel: "warn", beforeLine: display.interrupt });
  const { fingerprint } = await batches.inputs(pipeline, lake.bronze);
  const result = await runUnderLease(pipeline, lease, batches.run, {
    lake,
    clock,
    logger,
    signal,
    trigger: "manual",
    ...period,
    expectations,
    anew: flags.anew === true,
    goldHistory,
    currency,
    onChange: isJson ? undefined : display.show,
  });
  const { record } = result;
  if (record.status !== "failed") {
    // Of a part only nobody can say that all files were run.
    if (period.from === undefined && period.to === undefined) await remember(manual, result, fingerprint);
    context.alarms("scheduler", logger).clear(alarmId(pipeline.name));
  }
  if (isJson) print(JSON.stringify(record, undefined, 2));
  else {
    display.close();
    const places = { gold: placeOf(lake.gold.url), quarantine: placeOf(lake.quarantine.url) };
    print(["", ...reportLines(record, places)].join("\n"));
  }
  if (record.status === "failed") throw failed(result);
}

/** Tells the scheduler that these files were run. */
async function remember(
  { lake, pipeline, lease, context }: ManualRun,
  { record }: RunResult,
  fingerprint: string,
): Promise<void> {
  await lease.ensure();
  const now = context.clock.now().toISOString();
  const { failed: _, begun, ...state } = (await readState(lake.gold, pipeline.name)) ?? { since: now };
  const succeeded = { run: record.id, at: record.started_at, fingerprint };
  // A time on the schedule whose run was to be tried again has had it now.
  const handled = begun?.due === undefined ? {} : { handled: begun.due };
  await writeState(lake.gold, pipeline.name, { ...state, ...handled, succeeded });
}

/** @throws IngotError `run_busy` where somebody else has it, unless the user wants to wait */
async function waitForLease(pipeline: Pipeline, { gold }: Lake, context: CommandContext): Promise<Lease> {
  const { flags, clock, signal } = context;
  const logger = context.logger("run");
  const options = { gold, pipeline: pipeline.name, trigger: "manual" as const, clock, logger, signal };
  for (let isSaid = false; ; isSaid = true) {
    const taken = await takeLease(options).catch((error: unknown) => {
      throw signal.aborted ? new IngotError("incomplete", "Stopped before the run began.") : error;
    });
    if ("lease" in taken) return taken.lease;
    const who = described(taken.holder);
    if (flags.wait !== true) {
      const text = `${pipeline.name} is being run already, by ${who}. Wait for it: ingot run ${pipeline.name} --wait`;
      throw new IngotError("run_busy", text);
    }
    if (!isSaid) logger.info(`${pipeline.name} is being run by ${who}; this run follows`);
    await clock.sleep(WAIT_MS, signal);
  }
}

const WAIT_MS = 1_000;

function failed(result: RunResult): IngotError {
  const { code, context, cause } = failureOf(result);
  return new IngotError(code, failureText(result), { cause, context });
}

async function readExpectations(
  file: string | undefined,
  pipeline: Pipeline,
): Promise<readonly Expectation[] | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new IngotError("usage", `--expect ${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const { parseExpectations } = await import("@ingot/engine/batch");
  return parseExpectations(text, file, pipeline);
}

async function list({ settings, print }: CommandContext, batches: Batches): Promise<void> {
  const names = await batches.names();
  const rows = names.map(async (name) => {
    const { summary, runs } = await batches.load(name).then(
      (pipeline) => ({ summary: pipeline.summary, runs: scheduleText(activeSchedule(pipeline, settings)) }),
      (error: unknown) => ({ summary: `cannot be loaded: ${messageOf(error)}`, runs: "not at all" }),
    );
    return [`${name}`, `    ${summary}`, `    runs: ${runs}`].join("\n");
  });
  print(rows.length === 0 ? "There are no pipelines." : (await Promise.all(rows)).join("\n"));
}

const textFlag = (value: string | boolean | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

/** A layer's place for people: a path where it is a folder. */
const placeOf = (url: string): string => (url.startsWith("file:") ? fileURLToPath(url) : url);
