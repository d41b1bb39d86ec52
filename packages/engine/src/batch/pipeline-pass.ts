import { IngotError, messageOf, type ObjectInfo, productVersion } from "@ingot/common";
import type { DuckDbSession } from "../duckdb/duckdb.ts";
import { sqlName } from "../duckdb/sql-text.ts";
import { readExpected } from "./expected-values.ts";
import { type InputObject, sourcesOf } from "./inputs.ts";
import { missing } from "./missing-input.ts";
import { modelFingerprint, runModel } from "./model-step.ts";
import type { ModelTable, Pipeline, SourceTable, Table } from "./pipeline.ts";
import { cutOf, fingerprintOf, stateKey, WHOLE } from "./places.ts";
import { publish } from "./publish.ts";
import { showHistory } from "./published-history.ts";
import type { RunLog } from "./run-log.ts";
import type { Expectation, RunOptions } from "./run-options.ts";
import type { RunCheck, RunStep } from "./run-record.ts";
import { SilverTables } from "./silver-tables.ts";
import { runSource } from "./source-step.ts";
import { checkExpectations, checkTable, measure, readTableChecks } from "./table-checks.ts";
import { readState, type TableState, writeState } from "./table-state.ts";

export interface PassContext {
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

/** One way through a pipeline's tables, about everything or about one month, and what it publishes. */
export class PipelinePass {
  readonly #pipeline: Pipeline;
  readonly #context: PassContext;
  readonly #tables: SilverTables;
  readonly #states: ReadonlyMap<string, TableState>;
  readonly #byName: ReadonlyMap<string, Table>;
  #expectations: readonly Expectation[] = [];

  private constructor(
    pipeline: Pipeline,
    context: PassContext,
    tables: SilverTables,
    states: ReadonlyMap<string, TableState>,
  ) {
    this.#pipeline = pipeline;
    this.#context = context;
    this.#tables = tables;
    this.#states = states;
    this.#byName = new Map(pipeline.tables.map((table) => [table.name, table]));
  }

  /** @throws IngotError of the storage */
  static async open(pipeline: Pipeline, context: PassContext): Promise<PipelinePass> {
    const { silver } = context.options.lake;
    const tables = await SilverTables.open(pipeline, silver, context.session);
    const states = await Promise.all(
      pipeline.tables.map(
        async (table) => [table.name, await readState(silver, stateKey(pipeline, table))] as const,
      ),
    );
    return new PipelinePass(pipeline, context, tables, new Map(states));
  }

  /** @throws IngotError `input_missing`, the failure of a step, or `check_failed` */
  async run(): Promise<void> {
    const { log, scope, options } = this.#context;
    const month = scope === WHOLE ? undefined : scope;
    const names = [...this.#pipeline.tables.map(({ name }) => name), "publish"];
    const steps = log.plan(names, month);
    this.#checkInputs();
    this.#expectations =
      options.expectations ??
      (await readExpected(this.#pipeline, this.#context.expected, options.lake.bronze));
    const failures = new Map<string, unknown>();
    for (const [at, table] of this.#pipeline.tables.entries()) {
      const step = steps[at]!;
      if ((table.from ?? []).some((name) => failures.has(name))) {
        failures.set(table.name, undefined);
        log.change(step, { status: "skipped" });
        continue;
      }
      await this.#step(step, () => this.#make(table, step)).catch((error: unknown) => {
        options.signal.throwIfAborted();
        failures.set(table.name, error);
      });
    }
    const reasons = [...failures.values()].filter((error) => error !== undefined);
    if (reasons.length > 0) {
      log.change(steps.at(-1)!, { status: "skipped" });
      throw reasons.length === 1 ? reasons[0] : several(reasons);
    }
    await this.#step(steps.at(-1)!, () => this.#publish(steps.at(-1)!));
  }

  async #step(step: RunStep, work: () => Promise<"done" | "reused">): Promise<void> {
    const { log } = this.#context;
    const start = performance.now();
    const took = () => ({ took_ms: Math.round(performance.now() - start) });
    log.change(step, { status: "running" });
    try {
      const status = await work();
      log.change(step, { status, ...took() });
    } catch (error) {
      log.change(step, { status: "failed", error: messageOf(error), ...took() });
      throw error;
    }
  }

  /** Says of all that is missing at once. */
  #checkInputs(): void {
    const { objects, scope } = this.#context;
    const absent = sourcesOf(this.#pipeline).filter(
      (table) =>
        !table.isOptional &&
        !objects.some((object) => object.table === table) &&
        this.#partsOf(table).length === 0,
    );
    if (absent.length === 0) return;
    const names = absent.map(({ example }) => example);
    throw missing(this.#pipeline, names, scope === WHOLE ? "" : scope);
  }

  async #make(table: Table, step: RunStep): Promise<"done" | "reused"> {
    const made =
      table.kind === "source" ? await this.#makeSource(table, step) : await this.#makeModel(table, step);
    await this.#check(table, step);
    return made.size > 0 ? "done" : "reused";
  }

  async #makeSource(table: SourceTable, step: RunStep): Promise<Set<string>> {
    const { options, log, session, scope, objects } = this.#context;
    const inputs = (table.from ?? []).map((name) => this.#contentOf(this.#byName.get(name)!, undefined));
    const { fields, columns, unique } = table;
    const ruleFingerprint = fingerprintOf([
      productVersion(),
      JSON.stringify({ fields, columns, unique }),
      ...inputs,
    ]);
    const task = {
      table,
      objects: objects.filter((object) => object.table === table),
      scope,
      ruleFingerprint,
      makeRule: async () => table.rule({ valuesOf: (name, column) => this.#valuesOf(table, name, column) }),
      state: this.#states.get(table.name)!,
      isAnew: options.anew === true,
    };
    const onProgress: Parameters<typeof runSource>[1]["onProgress"] = (records, parts) =>
      log.change(step, { records: { ...records }, ...(table.day === undefined ? {} : { days: parts }) });
    const { lake, signal } = options;
    const context = { pipeline: this.#pipeline, lake, tables: this.#tables, session, signal, onProgress };
    return runSource(task, context);
  }

  async #valuesOf(table: SourceTable, name: string, column: string): Promise<ReadonlySet<string>> {
    if (!table.from?.includes(name)) throw new Error(`${table.name} does not name ${name} in "from"`);
    await this.#show(this.#byName.get(name)!, undefined);
    const of = sqlName(column);
    const rows = await this.#context.session.all(
      `SELECT DISTINCT CAST(${of} AS VARCHAR) FROM ${sqlName(name)} WHERE ${of} IS NOT NULL`,
    );
    return new Set(rows.map(([value]) => value!));
  }

  async #makeModel(table: ModelTable, step: RunStep): Promise<Set<string>> {
    const { options, log, session, scope } = this.#context;
    const own = await modelFingerprint(table, productVersion());
    const inputs = table.from.map((name) => this.#byName.get(name)!);
    const madeOf = (day: string | undefined): string =>
      fingerprintOf([own, ...inputs.map((input) => this.#contentOf(input, day))]);
    const parts = table.day === undefined ? [scope] : this.#daysOf(inputs);
    const onProgress = (days: number): void => {
      if (table.day !== undefined) log.change(step, { days });
    };
    const { lake, signal } = options;
    return runModel(
      {
        table,
        parts: new Map(parts.map((part) => [part, madeOf(table.day === undefined ? undefined : part)])),
        state: this.#states.get(table.name)!,
        isAnew: options.anew === true,
        isPartial: options.from !== undefined || options.to !== undefined,
        showInputs: async (days) => {
          for (const input of inputs) await this.#show(input, table.day === undefined ? undefined : days);
          if (table.history) await showHistory(table, { ...this.#context, pipeline: this.#pipeline });
        },
      },
      { pipeline: this.#pipeline, lake, tables: this.#tables, session, signal, onProgress },
    );
  }

  /** The days that tables which are cut have, of those that the run is about. */
  #daysOf(tables: readonly Table[]): string[] {
    const { from, to } = this.#context.options;
    const days = new Set(
      tables.filter(({ day }) => day !== undefined).flatMap((table) => this.#partsOf(table)),
    );
    return [...days]
      .filter((day) => (from === undefined || day >= from) && (to === undefined || day <= to))
      .sort();
  }

  /** The parts of a table that concern this pass. */
  #partsOf(table: Table): string[] {
    const { parts } = this.#states.get(table.name)!;
    if (cutOf(this.#pipeline, table).by === "day") return Object.keys(parts).sort();
    return parts[this.#context.scope] ? [this.#context.scope] : [];
  }

  /** What tells a table's rows, or those of a day, from others. */
  #contentOf(table: Table, day: string | undefined): string {
    const { parts } = this.#states.get(table.name)!;
    if (table.day !== undefined && day !== undefined) return parts[day]?.content ?? "";
    return fingerprintOf(this.#partsOf(table).map((part) => `${part} ${parts[part]!.content}`));
  }

  /** @param days of a table that is cut into days only these */
  async #show(table: Table, days: readonly string[] | undefined): Promise<void> {
    const parts = table.day !== undefined && days !== undefined ? days : this.#partsOf(table);
    const columns = table.kind === "source" ? table.columns : (this.#states.get(table.name)!.columns ?? {});
    await this.#tables.show(table, parts, columns, this.#context.options.signal);
  }

  /** Runs the checks that the rows have not passed yet, and those of expected values. @throws IngotError `check_failed` */
  async #check(table: Table, step: RunStep): Promise<void> {
    const { session, log, options } = this.#context;
    const state = this.#states.get(table.name)!;
    const declared = await readTableChecks(table);
    const parts = this.#partsOf(table);
    const unchecked = parts.filter((part) => state.parts[part]!.passed !== declared.fingerprint);
    const checks: RunCheck[] = [];
    if (unchecked.length > 0 && declared.checks.length > 0) {
      await this.#showBeside(table);
      await this.#show(table, unchecked);
      checks.push(...(await checkTable(table, declared, session, options.clock.now())));
    }
    const rows = parts.reduce((sum, part) => sum + state.parts[part]!.rows, 0);
    let measures: Record<string, string> = { rows: String(rows) };
    if (table.measures) {
      await this.#show(table, undefined);
      measures = await measure(table, session);
    }
    checks.push(...(await checkExpectations(table, measures, this.#expectations, session)));
    log.change(step, { rows, measures, checks });
    const failed = checks.filter(({ severity, status }) => severity === "error" && status !== "pass");
    if (failed.length > 0) throw checksFailed(table, failed, this.#context.scope);
    if (unchecked.length > 0 && checks.every(({ status }) => status === "pass")) {
      for (const part of unchecked) state.parts[part]!.passed = declared.fingerprint;
      await writeState(options.lake.silver, stateKey(this.#pipeline, table), state);
    }
  }

  /** The other tables that checks may name: those that stand before, where they are not cut into days. */
  async #showBeside(table: Table): Promise<void> {
    for (const other of this.#pipeline.tables) {
      if (other === table) return;
      if (other.day === undefined && this.#partsOf(other).length > 0) await this.#show(other, undefined);
    }
  }

  async #publish(step: RunStep): Promise<"done" | "reused"> {
    const { options, log, session, scope } = this.#context;
    const names = new Set(this.#pipeline.deliverables.flatMap(({ from }) => from));
    const tables = [...names].map((name) => this.#byName.get(name)!);
    const fingerprint = fingerprintOf([
      productVersion(),
      options.currency,
      ...tables.map((table) => this.#contentOf(table, undefined)),
    ]);
    const published = await publish(this.#pipeline, {
      options,
      session,
      run: log.record.id,
      month: scope === WHOLE ? undefined : scope,
      fingerprint,
      show: async (from) => {
        for (const name of from) await this.#show(this.#byName.get(name)!, undefined);
      },
    });
    log.record.published = [...log.record.published, ...published];
    log.change(step, { rows: published.length });
    return published.length > 0 ? "done" : "reused";
  }
}

function checksFailed({ name }: Table, checks: readonly RunCheck[], scope: string): IngotError {
  const texts = checks.map(
    ({ check, expected, actual }) => `${check}: expected ${expected}, found ${actual}`,
  );
  const month = scope === WHOLE ? "" : ` of ${scope}`;
  const text = `The check of ${name}${month} failed: ${texts.join("; ")}. Nothing was published.`;
  return new IngotError("check_failed", text);
}

/** The first failure, with the others behind it. */
function several(errors: readonly unknown[]): IngotError {
  const [first] = errors;
  const text = errors.map(messageOf).join("\n");
  return new IngotError(first instanceof IngotError ? first.code : "incomplete", text, { cause: first });
}
