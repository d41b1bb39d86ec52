import { IngotError, messageOf, type ObjectInfo } from "@ingot/common";
import type { DuckDbSession } from "../duckdb/duckdb.ts";
import { asOne } from "./as-one.ts";
import { readExpected } from "./expected-values.ts";
import { type InputObject, sourcesOf } from "./inputs.ts";
import { makeTable } from "./make-table.ts";
import { missing } from "./missing-input.ts";
import { PassTables } from "./pass-tables.ts";
import type { Pipeline, Table } from "./pipeline.ts";
import { codeOf, fingerprintOf, WHOLE } from "./places.ts";
import { publish } from "./publish.ts";
import type { RunLog } from "./run-log.ts";
import type { Expectation, RunOptions } from "./run-options.ts";
import type { RunCheck, RunStep } from "./run-record.ts";
import { checkExpectations, checkTable, measure, readTableChecks } from "./table-checks.ts";

export interface PassContext {
  pipeline: Pipeline;
  options: RunOptions;
  log: RunLog;
  session: DuckDbSession;
  /** The month; `WHOLE` where the pipeline has none. */
  scope: string;
  /** Its files in bronze. */
  objects: readonly InputObject[];
  /** Files of expected values. */
  expected: readonly ObjectInfo[];
}

/**
 * One way through a pipeline's tables, about everything or about one month, and what it publishes. A table that fails keeps
 * those back that are made of it, and gold; the others are made.
 *
 * @throws IngotError `input_missing`, the failure of a step, or `check_failed`
 */
export async function runPass(context: PassContext): Promise<void> {
  const { pipeline, log, options } = context;
  const tables = await PassTables.open(pipeline, context);
  const names = [...pipeline.tables.map(({ name }) => name), "publish"];
  const steps = log.plan(names, monthOf(context));
  const publishing = steps.at(-1)!;
  checkInputs(context, tables);
  const expectations =
    options.expectations ?? (await readExpected(pipeline, context.expected, options.lake.bronze));
  const failures = new Map<string, unknown>();
  for (const [at, table] of pipeline.tables.entries()) {
    const step = steps[at]!;
    if ((table.from ?? []).some((name) => failures.has(name))) {
      failures.set(table.name, undefined);
      log.change(step, { status: "skipped" });
      continue;
    }
    await timed(log, step, async () => {
      const onProgress = (changes: Partial<RunStep>): void => log.change(step, changes);
      const made = await makeTable(table, { ...context, tables, onProgress });
      await check(table, step, { ...context, tables, expectations });
      return made.size > 0;
    }).catch((error: unknown) => {
      options.signal.throwIfAborted();
      failures.set(table.name, error);
    });
  }
  const reasons = [...failures.values()].filter((error) => error !== undefined);
  if (reasons.length > 0) {
    log.change(publishing, { status: "skipped" });
    throw asOne(reasons);
  }
  await timed(log, publishing, async () => {
    const published = await publishTables(context, tables);
    log.record.published = [...log.record.published, ...published];
    return published.length > 0;
  });
}

const monthOf = ({ scope }: PassContext): string | undefined => (scope === WHOLE ? undefined : scope);

/** Does a step. @param work tells whether there was anything to do */
async function timed(log: RunLog, step: RunStep, work: () => Promise<boolean>): Promise<void> {
  const start = performance.now();
  const took = () => ({ took_ms: Math.round(performance.now() - start) });
  log.change(step, { status: "running" });
  try {
    const status = (await work()) ? "done" : "reused";
    log.change(step, { status, ...took() });
  } catch (error) {
    log.change(step, { status: "failed", error: messageOf(error), ...took() });
    throw error;
  }
}

/** Says of all that is missing at once. */
function checkInputs({ pipeline, objects, scope }: PassContext, tables: PassTables): void {
  const absent = sourcesOf(pipeline).filter(
    (table) =>
      !table.isOptional &&
      !objects.some((object) => object.table === table) &&
      tables.partsOf(table).length === 0,
  );
  if (absent.length === 0) return;
  throw missing(
    pipeline,
    absent.map(({ example }) => example),
    scope,
  );
}

/** Runs the checks that the rows have not passed yet, and those of expected values. @throws IngotError `check_failed` */
async function check(
  table: Table,
  step: RunStep,
  context: PassContext & { tables: PassTables; expectations: readonly Expectation[] },
): Promise<void> {
  const { session, log, options, tables, expectations, scope } = context;
  const { parts: states } = tables.state(table);
  const declared = await readTableChecks(table);
  const parts = tables.partsOf(table);
  const unchecked = parts.filter((part) => states[part]!.passed !== declared.fingerprint);
  const checks: RunCheck[] = [];
  if (unchecked.length > 0 && declared.checks.length > 0) {
    await tables.showBefore(table);
    await tables.show(table, unchecked);
    checks.push(...(await checkTable(table, declared, session, options.clock.now())));
  }
  const rows = parts.reduce((sum, part) => sum + states[part]!.rows, 0);
  let measures: Record<string, string> = { rows: String(rows) };
  if (table.measures) {
    await tables.show(table, undefined);
    measures = { ...measures, ...(await measure(table.measures, session)) };
  }
  checks.push(...(await checkExpectations(table, measures, expectations, session)));
  log.change(step, { rows, measures, checks });
  const failed = checks.filter(({ severity, status }) => severity === "error" && status !== "pass");
  if (failed.length > 0) throw checksFailed(table, failed, scope);
  // Of a table that is cut into days a warning is given by the run that made the day: a history of them would be read again
  // and again.
  if (unchecked.length > 0 && (table.day !== undefined || checks.every(({ status }) => status === "pass"))) {
    for (const part of unchecked) states[part]!.passed = declared.fingerprint;
    await tables.keep(table);
  }
}

function publishTables(context: PassContext, tables: PassTables): Promise<string[]> {
  const { pipeline, options, log, session } = context;
  const names = [...new Set(pipeline.deliverables.flatMap(({ from }) => from))];
  const contents = names.map((name) => tables.contentOf(tables.named(name), undefined));
  return publish(pipeline, {
    options,
    session,
    run: log.record.id,
    month: monthOf(context),
    fingerprint: fingerprintOf([codeOf(pipeline), options.currency, ...contents]),
    show: async (from) => {
      for (const name of from) await tables.show(tables.named(name), undefined);
    },
  });
}

function checksFailed({ name }: Table, checks: readonly RunCheck[], scope: string): IngotError {
  const texts = checks.map(
    ({ check: named, expected, actual }) => `${named}: expected ${expected}, found ${actual}`,
  );
  const month = scope === WHOLE ? "" : ` of ${scope}`;
  const text = `The check of ${name}${month} failed: ${texts.join("; ")}. Nothing was published.`;
  const rows = checks.flatMap(({ examples = [] }) => examples.map((row) => `\n    ${row}`));
  return new IngotError("check_failed", `${text}${rows.join("")}`);
}
