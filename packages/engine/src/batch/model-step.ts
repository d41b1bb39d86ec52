import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { IngotError, type Lake, messageOf } from "@ingot/common";
import { withoutEnd } from "../checks/check-sql.ts";
import type { DuckDbSession } from "../duckdb/duckdb.ts";
import { sqlName } from "../duckdb/sql-text.ts";
import type { ModelTable, Pipeline } from "./pipeline.ts";
import { fingerprintOf, stateKey } from "./places.ts";
import { contentOf } from "./row-contents.ts";
import type { SilverTables } from "./silver-tables.ts";
import { type TableState, writeState } from "./table-state.ts";

/** So many days are made by one query. */
const DAYS_AT_ONCE = 31;
const ROWS = "_rows";

export interface ModelTask {
  table: ModelTable;
  /** The parts that there are to be, each with the fingerprint of all that it is made of. */
  parts: ReadonlyMap<string, string>;
  state: TableState;
  isAnew: boolean;
  /** True where `parts` are not all that there are to be. */
  isPartial: boolean;
  /** Makes the tables of `from` what their names mean in the query; of those that are cut into days only these days. */
  showInputs(parts: readonly string[]): Promise<void>;
}

/**
 * Makes the parts of a model that are not as they would be made now.
 *
 * @returns these parts
 * @throws IngotError `kpi_failed` for a query that cannot be run; of the storage
 */
export async function runModel(
  task: ModelTask,
  context: {
    pipeline: Pipeline;
    lake: Lake;
    tables: SilverTables;
    session: DuckDbSession;
    signal: AbortSignal;
    onProgress(parts: number): void;
  },
): Promise<Set<string>> {
  const { table, state, isAnew, parts } = task;
  const { tables, session, signal, lake, pipeline } = context;
  const stale = [...parts].filter(([part, made_of]) => {
    const known = state.parts[part];
    return isAnew || known?.made_of !== made_of || !tables.isAsLeft(table, part, known);
  });
  const gone = Object.keys(state.parts).filter(
    (part) => table.day !== undefined && !task.isPartial && !parts.has(part),
  );
  const made = new Set<string>();
  const sql = withoutEnd(await readFile(fileURLToPath(table.sql), "utf8"));
  for (let at = 0; at < stale.length; at += DAYS_AT_ONCE) {
    const some = stale.slice(at, at + DAYS_AT_ONCE);
    const names = some.map(([part]) => part);
    await task.showInputs(names);
    await runQuery(session, table, `CREATE OR REPLACE TEMP TABLE ${ROWS} AS ${sql}`, signal);
    state.columns = await columnsOf(session);
    await tables.write(table, names, ROWS, signal);
    const contents = await contentOf(session, ROWS, Object.keys(state.columns), table.day);
    for (const [part, made_of] of some) {
      const content = contents.get(table.day === undefined ? "" : part);
      const bytes = tables.bytes(table, part);
      state.parts[part] = { made_of, ...(content ?? { content: "0", rows: 0 }), bytes };
      made.add(part);
    }
    await session.run(`DROP TABLE ${ROWS}`);
    await writeState(lake.silver, stateKey(pipeline, table), state);
    context.onProgress(made.size);
  }
  if (!state.columns) {
    await task.showInputs([]);
    await runQuery(session, table, `CREATE OR REPLACE TEMP TABLE ${ROWS} AS ${sql}`, signal);
    state.columns = await columnsOf(session);
  }
  if (gone.length > 0) {
    for (const part of gone) delete state.parts[part];
    await tables.remove(table, gone);
    await writeState(lake.silver, stateKey(pipeline, table), state);
  }
  return made;
}

async function columnsOf(session: DuckDbSession): Promise<Record<string, string>> {
  const described = await session.all(`DESCRIBE ${sqlName(ROWS)}`);
  return Object.fromEntries(described.map(([name, type]) => [name!, type!]));
}

/** Runs a model's query. @throws IngotError `kpi_failed` with the file's name */
export async function runQuery(
  session: DuckDbSession,
  { name, sql: file }: ModelTable,
  sql: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await session.run(sql, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof IngotError && cause.transient) throw cause;
    const where = fileURLToPath(file);
    throw new IngotError("kpi_failed", `${name}: ${where} cannot be run: ${messageOf(cause)}`, { cause });
  }
}

/** What a model's rows depend on beside its tables. */
export async function modelFingerprint(table: ModelTable, codeVersion: string): Promise<string> {
  return fingerprintOf([codeVersion, await readFile(fileURLToPath(table.sql), "utf8")]);
}
