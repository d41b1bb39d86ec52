import type { DuckDbSession } from "../duckdb/duckdb.ts";
import { sqlName } from "../duckdb/sql-text.ts";
import type { InputObject } from "./inputs.ts";
import { modelFingerprint, runModel } from "./model-step.ts";
import type { PassTables } from "./pass-tables.ts";
import type { ModelTable, Pipeline, SourceTable, Table } from "./pipeline.ts";
import { codeOf, fingerprintOf } from "./places.ts";
import { showHistory } from "./published-history.ts";
import type { RunOptions } from "./run-options.ts";
import type { RunStep } from "./run-record.ts";
import { runSource } from "./source-step.ts";

export interface MakeContext {
  pipeline: Pipeline;
  options: RunOptions;
  session: DuckDbSession;
  tables: PassTables;
  /** The month; `WHOLE` where the pipeline has none. */
  scope: string;
  /** The files in bronze that the pass is about. */
  objects: readonly InputObject[];
  onProgress(changes: Partial<RunStep>): void;
}

/** Brings a table in silver up to date. @returns the parts that were made. @throws IngotError, see runSource and runModel */
export function makeTable(table: Table, context: MakeContext): Promise<Set<string>> {
  return table.kind === "source" ? makeSource(table, context) : makeModel(table, context);
}

async function makeSource(table: SourceTable, context: MakeContext): Promise<Set<string>> {
  const { pipeline, options, session, tables, scope, objects, onProgress } = context;
  const { fields, columns, unique } = table;
  const seen: string[] = [JSON.stringify({ fields, columns, unique })];
  const rule = await table.rule({
    valuesOf: async (name, column) => {
      const values = await valuesOf(table, { name, column }, context);
      seen.push(fingerprintOf([name, column, ...values]));
      return new Set(values);
    },
  });
  return runSource(
    {
      table,
      objects: objects.filter((object) => object.table === table),
      scope,
      rule,
      ruleFingerprint: fingerprintOf([codeOf(pipeline), ...seen]),
      state: tables.state(table),
      isAsked: (part) => (table.day === undefined ? part === scope : tables.isAsked(part)),
      isAnew: options.anew === true,
    },
    {
      ...{ pipeline, session, lake: options.lake, tables: tables.silver, signal: options.signal },
      onProgress: (records, days) =>
        onProgress({ records: { ...records }, ...(table.day === undefined ? {} : { days }) }),
    },
  );
}

/** The values of a column, in order. */
async function valuesOf(
  table: SourceTable,
  { name, column }: { name: string; column: string },
  { session, tables }: MakeContext,
): Promise<string[]> {
  if (!table.from?.includes(name)) throw new Error(`${table.name} does not name ${name} in "from"`);
  await tables.show(tables.named(name), undefined);
  const values = `SELECT DISTINCT CAST(${sqlName(column)} AS VARCHAR) AS value FROM ${sqlName(name)}`;
  const rows = await session.all(`FROM (${values}) WHERE value IS NOT NULL ORDER BY value`);
  return rows.map(([value]) => value!);
}

async function makeModel(table: ModelTable, context: MakeContext): Promise<Set<string>> {
  const { pipeline, options, session, tables, scope, onProgress } = context;
  const own = await modelFingerprint(table, codeOf(pipeline));
  const inputs = table.from.map((name) => tables.named(name));
  const isCut = table.day !== undefined;
  const parts = isCut ? tables.daysOf(inputs) : [scope];
  const madeOf = (part: string): string =>
    fingerprintOf([own, ...inputs.map((input) => tables.contentOf(input, isCut ? part : undefined))]);
  return runModel(
    {
      table,
      parts: new Map(parts.map((part) => [part, madeOf(part)])),
      state: tables.state(table),
      isAnew: options.anew === true,
      isPartial: options.from !== undefined || options.to !== undefined,
      showInputs: async (days) => {
        for (const input of inputs) await tables.show(input, isCut ? days : undefined);
        if (table.history) await showHistory(table, { pipeline, session, options });
      },
    },
    {
      ...{ pipeline, session, lake: options.lake, tables: tables.silver, signal: options.signal },
      onProgress: (days) => {
        if (isCut) onProgress({ days });
      },
    },
  );
}
