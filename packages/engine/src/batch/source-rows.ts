import { compareKeys } from "@ingot/common";
import type { DuckDbSession } from "../duckdb/duckdb.ts";
import { sqlName, sqlText } from "../duckdb/sql-text.ts";
import type { SourceTable } from "./pipeline.ts";
import { noRows, parquetRows } from "./silver-tables.ts";
import type { ObjectState } from "./table-state.ts";

const FILES = "_files";
const ROWS = "_rows";
const REPEATED = "_repeated";
const DROPPED = "_dropped";
/** The rows that stay, with all columns of silver. */
export const KEPT = "_kept";

export interface FreshRows {
  table: SourceTable;
  /** CSV without a header: the columns, the file's number, the position; absent for no rows. */
  csv: string | undefined;
  /** Keys of files in the order in which they arrived: a file's number is its place. */
  files: readonly string[];
  /** The files of which none of the rows stays that silver has. */
  read: readonly string[];
}

/** The files of a table in the order in which they arrived. */
export function byArrivalOf(objects: Readonly<Record<string, Pick<ObjectState, "arrived">>>): string[] {
  return Object.entries(objects)
    .sort(([a, x], [b, y]) => x.arrived.localeCompare(y.arrived) || compareKeys(a, b))
    .map(([key]) => key);
}

/**
 * Puts rows of files together with those that silver has of others; of rows that are one the first or the last that arrived
 * stays. `KEPT` has them until `forgetRows`.
 *
 * @param before silver's files of the same parts
 * @returns how many rows were dropped, by their file's key
 */
export async function gatherRows(
  fresh: FreshRows,
  before: readonly string[],
  session: DuckDbSession,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const { table, files } = fresh;
  const numbered = files.map((key, number) => `(${number}, ${sqlText(key)})`).join(", ");
  await session.run(`CREATE OR REPLACE TEMP TABLE ${FILES} (_file INTEGER, bronze_key VARCHAR)`);
  if (files.length > 0) await session.run(`INSERT INTO ${FILES} VALUES ${numbered}`);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${ROWS} AS ${freshRows(fresh)}`, { signal });
  if (before.length > 0) await addBefore(fresh, before, session, signal);
  const dropped = await dropRepeats(table, session, signal);
  const columns = [...Object.keys(table.columns), "bronze_key", "position"].map(sqlName).join(", ");
  const rows = `SELECT ${columns} FROM ${ROWS} JOIN ${FILES} USING (_file)`;
  await session.run(`CREATE OR REPLACE TEMP VIEW ${KEPT} AS ${rows}`);
  return dropped;
}

/** Frees their memory. */
export async function forgetRows(session: DuckDbSession): Promise<void> {
  await session.run(`DROP VIEW ${KEPT}; DROP TABLE ${ROWS}; DROP TABLE ${FILES}`);
}

function freshRows({ table, csv }: FreshRows): string {
  const types = { ...table.columns, _file: "INTEGER", position: "BIGINT" };
  if (csv === undefined) return noRows(types);
  const columns = Object.entries(types).map(([name, type]) => `${sqlText(name)}: ${sqlText(type)}`);
  return `SELECT * FROM read_csv(${sqlText(csv)}, auto_detect = false, header = false, delim = ',', quote = '"',
    escape = '"', nullstr = '', max_line_size = 16777216, columns = {${columns.join(", ")}})`;
}

/** Files that nothing is known of any more arrived before all others. */
async function addBefore(
  { table, read }: FreshRows,
  before: readonly string[],
  session: DuckDbSession,
  signal: AbortSignal,
): Promise<void> {
  const rows = `(${parquetRows(before)})`;
  const unknown = `SELECT DISTINCT bronze_key FROM ${rows}
    WHERE bronze_key NOT IN (SELECT bronze_key FROM ${FILES})`;
  const numbered = `SELECT -row_number() OVER (ORDER BY bronze_key DESC), bronze_key FROM (${unknown})`;
  await session.run(`INSERT INTO ${FILES} ${numbered}`, { signal });
  const names = [...Object.keys(table.columns), "_file", "position"].map(sqlName).join(", ");
  const isRead = read.length === 0 ? "false" : `bronze_key IN (${read.map(sqlText).join(", ")})`;
  const others = `SELECT ${names} FROM ${rows} JOIN ${FILES} USING (bronze_key) WHERE NOT ${isRead}`;
  await session.run(`INSERT INTO ${ROWS} BY NAME ${others}`, { signal });
}

/** Most tables have hardly any repeats: only rows that look like one, by a hash of what makes them one, are sorted. */
async function dropRepeats(
  { unique, day }: SourceTable,
  session: DuckDbSession,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  if (!unique) return new Map();
  const one = [...new Set([...unique.columns, ...(day === undefined ? [] : [day])])].map(sqlName).join(", ");
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${REPEATED} AS
       SELECT hashed FROM (SELECT hash(${one}) AS hashed FROM ${ROWS}) GROUP BY hashed HAVING count(*) > 1`,
    { signal },
  );
  const direction = unique.keep === "first" ? "ASC" : "DESC";
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${DROPPED} AS
       SELECT rowid AS row, _file FROM ${ROWS} WHERE hash(${one}) IN (FROM ${REPEATED})
       QUALIFY row_number() OVER (PARTITION BY ${one} ORDER BY _file ${direction}, position ${direction}) > 1;
     DELETE FROM ${ROWS} WHERE rowid IN (SELECT row FROM ${DROPPED})`,
    { signal },
  );
  const counts = await session.all(
    `SELECT bronze_key, count(*) FROM ${DROPPED} JOIN ${FILES} USING (_file) GROUP BY ALL`,
  );
  await session.run(`DROP TABLE ${REPEATED}; DROP TABLE ${DROPPED}`);
  return new Map(counts.map(([key, count]) => [key!, Number(count)]));
}
