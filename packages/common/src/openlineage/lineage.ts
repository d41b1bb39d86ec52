import type { Clock } from "../clock.ts";
import { IngotError } from "../errors.ts";
import type { Outbox } from "../outbox.ts";
import { productVersion } from "../version.ts";
import { type RunData, type RunEvent, type RunState, runEvent } from "./events.ts";

/** A job whose runs are told as OpenLineage events. Nothing about it ever fails or is waited for. */
export interface LineageJob {
  /** False where nobody is told: then nothing need be found out for events. */
  readonly isTold: boolean;
  /** A run that may come to have work; nothing is told before `begin`. */
  run(): LineageRun;
}

export interface LineageRun {
  /** There is something to do: START is told, once. */
  begin(): void;
  /** It has ended with these results; a run that had nothing to do is not told. */
  complete(data: RunData): void;
  /** It has ended with an error, after what `data` says. */
  fail(error: unknown, data?: RunData): void;
  /** Somebody stopped it after what `data` says. */
  abort(data?: RunData): void;
}

const NO_RUN: LineageRun = {
  begin: () => undefined,
  complete: () => undefined,
  fail: () => undefined,
  abort: () => undefined,
};

/** For work that nobody is told of. */
export const NO_LINEAGE: LineageJob = { isTold: false, run: () => NO_RUN };

/**
 * A failure that comes again and again while nothing is done is told once: an object that nobody mends would cause a run
 * at every poll.
 */
export function createLineageJob(
  job: { namespace: string; name: string },
  { outbox, clock }: { outbox: Pick<Outbox<RunEvent>, "add">; clock: Clock },
): LineageJob {
  let lastFailure: string | undefined;
  const run = (): LineageRun => {
    const runId = crypto.randomUUID();
    const createdAt = clock.now();
    let isWork = false;
    let isStarted = false;
    const tell = (state: RunState, at: Date, error?: string, data?: RunData): void => {
      outbox.add(runEvent({ state, at, runId, job, version: productVersion(), error, data }));
    };
    const start = (at: Date): void => {
      if (!isStarted) tell("START", at);
      isStarted = true;
    };
    const end = (state: RunState, error?: string, data?: RunData): void => {
      start(createdAt);
      tell(state, clock.now(), error, data);
    };
    return {
      begin: () => {
        isWork = true;
        if (lastFailure === undefined) start(clock.now());
      },
      complete: (data) => {
        lastFailure = undefined;
        if (isWork || hasResult(data)) end("COMPLETE", undefined, data);
      },
      fail: (error, data) => {
        const failure = failureText(error);
        const isNews = failure !== lastFailure || isStarted || hasResult(data);
        lastFailure = failure;
        if (isNews) end("FAIL", failure, data);
      },
      abort: (data) => {
        if (isStarted || hasResult(data)) end("ABORT", undefined, data);
      },
    };
  };
  return { isTold: true, run };
}

const hasResult = (data: RunData | undefined): boolean =>
  data !== undefined && data.inputs.length + data.outputs.length > 0;

/** Errors whose messages may quote what stands in the data. */
const MAY_QUOTE = ["query_failed", "kpi_failed", "silver_invalid", "check_failed", "incomplete"];

/** Why a run failed, in words that hold no data. */
function failureText(error: unknown): string {
  if (!(error instanceof IngotError))
    return "An error that Ingot does not know; the service's log tells more.";
  if (!MAY_QUOTE.includes(error.code)) return `${error.code}: ${error.message}`;
  const { layer, key } = error.context;
  const place = [layer, key].filter((part) => part !== undefined).join(" ");
  return `${error.code}${place === "" ? "" : ` (${place})`}; the service's log tells more.`;
}
