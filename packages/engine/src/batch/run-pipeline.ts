import { messageOf, type ObjectInfo } from "@ingot/common";
import { openDuckDb } from "../duckdb/duckdb.ts";
import { sqlText } from "../duckdb/sql-text.ts";
import { asOne } from "./as-one.ts";
import { dayOfKey, type PipelineInputs, settledInputs, sourcesOf } from "./inputs.ts";
import { missing } from "./missing-input.ts";
import type { Pipeline } from "./pipeline.ts";
import { runPass } from "./pipeline-pass.ts";
import { WHOLE } from "./places.ts";
import { pruneHistory } from "./prune-history.ts";
import { RunLog } from "./run-log.ts";
import type { RunOptions } from "./run-options.ts";
import type { RunRecord } from "./run-record.ts";

export interface RunOutcome {
  record: RunRecord;
  /** Why it failed, where it did. */
  error?: unknown;
}

/**
 * Runs a pipeline: what is new in bronze becomes silver, and gold where every check passed. Steps whose inputs have not
 * changed since they were done are not done again, so that a run after a failure goes on at the step that failed, and a
 * run on the same files changes nothing. Never two at a time: the caller sees to that.
 *
 * A run that fails is no rejection: the outcome says why.
 */
export async function runPipeline(pipeline: Pipeline, options: RunOptions): Promise<RunOutcome> {
  const log = new RunLog(pipeline, options);
  try {
    await log.write();
    await runAll(pipeline, options, log);
    const status = log.record.published.length > 0 ? "published" : "unchanged";
    log.end({ status });
    await log.write();
    if (status === "published") await pruneHistory(pipeline, options);
    return { record: log.record };
  } catch (error) {
    const reason = options.signal.aborted ? (options.signal.reason ?? error) : error;
    log.end({ status: "failed", error: messageOf(reason) });
    // What cannot be written down is still said.
    await log
      .write()
      .catch((lost) => options.logger.error(`The run cannot be written down: ${messageOf(lost)}`));
    return { record: log.record, error: reason };
  }
}

async function runAll(pipeline: Pipeline, options: RunOptions, log: RunLog): Promise<void> {
  const { lake, clock, signal, logger } = options;
  const inputs = await settledInputs(pipeline, lake.bronze, clock, signal);
  if (inputs.ignored.length > 0) {
    log.record.ignored = inputs.ignored.slice(0, 100);
    logger.warn(`${pipeline.name}: ${ignoredText(inputs.ignored, pipeline)}`);
  }
  const scopes = scopesOf(pipeline, inputs, options);
  if (pipeline.periods?.kind === "month") log.record.months = scopes;
  const session = await openDuckDb();
  try {
    const { id, started_at } = log.record;
    await session.run(`SET VARIABLE run_id = ${sqlText(id)}; SET VARIABLE run_at = ${sqlText(started_at)}`);
    const failures: unknown[] = [];
    for (const scope of scopes) {
      const objects = inputs.objects.filter((object) => isInScope(pipeline, object, scope, options));
      const expected = inputs.expected.filter((object) => isInScope(pipeline, object, scope, options));
      // Months do not depend on each other.
      await runPass({ pipeline, options, log, session, scope, objects, expected }).catch((error: unknown) => {
        signal.throwIfAborted();
        failures.push(error);
      });
    }
    if (failures.length > 0) throw asOne(failures);
  } finally {
    await session.close();
  }
}

function ignoredText(ignored: readonly string[], pipeline: Pipeline): string {
  const names = sourcesOf(pipeline).map(({ example }) => example);
  const files = ignored.length === 1 ? `${ignored[0]} is` : `${ignored.length} files (${ignored[0]}, …) are`;
  return `${files} of no table and passed over. Files are called ${names.join(", ")}, or lie in a folder of the table's name.`;
}

/** The months that a run is about; the whole where the pipeline has none. @throws IngotError `input_missing` */
function scopesOf(pipeline: Pipeline, inputs: PipelineInputs, { from, to }: RunOptions): string[] {
  const { periods } = pipeline;
  if (periods?.kind !== "month") return [WHOLE];
  const months = [...new Set(inputs.objects.map((object) => periods.monthOf(object)))].sort();
  const [first, last] = [from?.slice(0, 7) ?? "", to?.slice(0, 7) ?? "9999-99"];
  const asked = months.filter((month) => month >= first && month <= last);
  if (asked.length === 0) {
    const where = months.length === 0 ? "" : `the months asked for (there are ${months.join(", ")})`;
    throw missing(
      pipeline,
      sourcesOf(pipeline).map(({ example }) => example),
      where,
    );
  }
  return from === undefined && to === undefined ? asked.slice(-1) : asked;
}

function isInScope(pipeline: Pipeline, object: ObjectInfo, scope: string, { from, to }: RunOptions): boolean {
  const { periods } = pipeline;
  if (periods?.kind === "month") return periods.monthOf(object) === scope;
  const day = periods?.kind === "day" ? dayOfKey(object.key) : undefined;
  return day === undefined || ((from === undefined || day >= from) && (to === undefined || day <= to));
}
