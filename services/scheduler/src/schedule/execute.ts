import type { ObjectInfo } from "@ingot/common";
import type { Pipeline } from "@ingot/engine/batch";
import type { RunResult } from "../batches.ts";
import type { Lease } from "../lease/lease.ts";
import { runUnderLease } from "../run-under-lease.ts";
import type { Sighting } from "./bronze-watch.ts";
import type { JobOptions } from "./job.ts";
import type { BegunRun, ScheduleState } from "./schedule-state.ts";

export interface Execution {
  lease: Lease;
  begun: BegunRun;
  state: ScheduleState;
  sighting: Sighting;
  signal: AbortSignal;
}

/** Clocks of the storage and of this machine differ by less. */
const CLOCKS_MS = 5 * 60_000;

/** One attempt, logged and counted. */
export async function execute(options: JobOptions, execution: Execution): Promise<RunResult> {
  const { pipeline, batches, lake, clock, logger, metrics, goldHistory, currency, onChange, onEnd } = options;
  const { lease, begun, state, sighting, signal } = execution;
  const { name } = pipeline;
  const { trigger, due, attempt } = begun;
  logger.info(
    { pipeline: name, attempt },
    `${name} runs: ${trigger === "arrival" ? "files have arrived" : `due at ${due}`}`,
  );
  const start = performance.now();
  const result = await runUnderLease(pipeline, lease, batches.run, {
    lake,
    clock,
    logger,
    signal,
    trigger,
    due: due === undefined ? undefined : new Date(due),
    attempt,
    ...(trigger === "arrival" ? { from: firstTouchedMonth(pipeline, state, sighting.objects) } : {}),
    goldHistory,
    currency,
    onChange,
  });
  onEnd?.(result.record);
  metrics.add("ingot_runs_total", { pipeline: name, status: result.record.status });
  metrics.observe("ingot_run_duration_seconds", { pipeline: name }, (performance.now() - start) / 1000);
  return result;
}

/** The first month that got a file since the last success; `undefined` where the newest alone is meant. */
function firstTouchedMonth(
  { periods }: Pipeline,
  { succeeded }: ScheduleState,
  objects: readonly ObjectInfo[],
): string | undefined {
  if (periods?.kind !== "month" || !succeeded) return undefined;
  const since = Date.parse(succeeded.at) - CLOCKS_MS;
  const touched = objects.filter(({ modified }) => modified.getTime() > since);
  const first = touched.map((object) => periods.monthOf(object)).sort()[0];
  return first === undefined ? undefined : `${first}-01`;
}
