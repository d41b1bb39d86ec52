import { IngotError, type Lake, messageOf } from "@ingot/common";
import type { Pipeline, RunOptions } from "@ingot/engine/batch";
import type { Batches, RunResult } from "./batches.ts";
import { fencedLake } from "./lease/fenced-lake.ts";
import type { Lease } from "./lease/lease.ts";

/** Timers cannot wait for longer. */
const LONGEST_MS = 2 ** 31 - 1;

/** Runs a pipeline for as long as its lease is held and its time is not over. Never rejects. */
export async function runUnderLease(
  pipeline: Pipeline,
  lease: Lease,
  run: Batches["run"],
  options: RunOptions,
): Promise<RunResult> {
  const { timeoutMs } = pipeline.schedule;
  const stop = new AbortController();
  const ended = new AbortController();
  const onStop = (): void => stop.abort(stopped(pipeline));
  const onLost = (): void => stop.abort(lease.signal.reason);
  if (options.signal.aborted) onStop();
  options.signal.addEventListener("abort", onStop);
  lease.signal.addEventListener("abort", onLost);
  const timing = options.clock.sleep(Math.min(timeoutMs, LONGEST_MS), ended.signal).then(() => {
    if (!ended.signal.aborted) stop.abort(late(pipeline));
  });
  try {
    const lake: Lake = fencedLake(options.lake, lease);
    const result = await run(pipeline, { ...options, lake, signal: stop.signal });
    const isBrokenOff = stop.signal.aborted && result.record.status === "failed";
    return isBrokenOff ? { ...result, error: stop.signal.reason } : result;
  } finally {
    ended.abort();
    await timing;
    options.signal.removeEventListener("abort", onStop);
    lease.signal.removeEventListener("abort", onLost);
  }
}

/** Why a run failed, as an error that says what to do. */
export function failureOf({ record, error }: RunResult): IngotError {
  if (error instanceof IngotError) return error;
  const text = record.error ?? (error === undefined ? "it is not known why" : messageOf(error));
  return new IngotError("incomplete", text, error === undefined ? {} : { cause: error });
}

function stopped({ name }: Pipeline): IngotError {
  const text = `The run of ${name} was stopped before it was done. Gold is as it was; the next run goes on with the steps that are left.`;
  return new IngotError("incomplete", text);
}

function late({ name, schedule: { timeoutMs } }: Pipeline): IngotError {
  const text = `The run of ${name} was given up after ${Math.round(timeoutMs / 1000)} s, the longest that its schedule allows. Gold is as it was; the next run goes on with the steps that are left. Where the data has grown, raise timeoutMs in its pipeline.ts.`;
  return new IngotError("run_timeout", text);
}
