import type { ObjectInfo, ObjectStore } from "@ingot/common";
import { type DuckDbSession, type LocalObjects, sqlName, sqlText, sqlTexts } from "@ingot/engine";

export interface BatchTablesOptions {
  session: DuckDbSession;
  objects: LocalObjects;
  silver: ObjectStore;
  gold: ObjectStore;
  signal?: AbortSignal | undefined;
  /** Told after each object that had to be fetched. */
  onFetched?: (info: ObjectInfo) => void;
}

/** The schema with a pipeline's tables: its name with underscores, so that SQL need not quote it. */
export const batchSchema = (pipeline: string): string => pipeline.replaceAll("-", "_");

/** A table of silver: its files, with the month that each is of where it lies in months. */
type Parts = { info: ObjectInfo; month: string | undefined }[];

const GOLD_FILE = /^([^/.]+)\.(csv|parquet)$/;

/**
 * Names of the tables that a pipeline has in the lake: those of silver, and what gold publishes as CSV or Parquet.
 *
 * @throws IngotError of the storage
 */
export async function batchTableNames(
  pipeline: string,
  layers: Pick<BatchTablesOptions, "silver" | "gold">,
): Promise<string[]> {
  const [silver, gold] = await Promise.all([
    silverTables(pipeline, layers.silver),
    publishedTables(pipeline, layers.gold),
  ]);
  return [...new Set([...silver.keys(), ...gold.keys()])].sort();
}

/**
 * Makes a pipeline's tables in a session, as views in its schema; called again, it makes them anew. What gold publishes
 * takes precedence over a table of its name in silver; the columns of CSV get the types of the tables that it was made of.
 * Tables that lie in months have the column `month`.
 *
 * @param isMeant which tables are needed: others are not fetched
 * @returns whether there is any of them
 * @throws IngotError of the storage; `object_changed`, `object_missing` where somebody writes at this moment
 */
export async function openBatchTables(
  pipeline: string,
  isMeant: (table: string) => boolean,
  options: BatchTablesOptions,
): Promise<boolean> {
  const { session } = options;
  const schema = sqlName(batchSchema(pipeline));
  await session.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  const silver = await silverTables(pipeline, options.silver);
  const gold = await publishedTables(pipeline, options.gold);
  const meant = [...new Set([...silver.keys(), ...gold.keys()])].filter(isMeant);
  for (const table of meant) {
    const view = `${schema}.${sqlName(table)}`;
    const [parts, published] = [silver.get(table), gold.get(table)];
    if (parts) await session.run(`CREATE OR REPLACE VIEW ${view} AS ${await partRows(parts, options)}`);
    if (published) {
      const rows = await publishedRows(
        published,
        await typesOf(pipeline, published, silver, options),
        options,
      );
      await session.run(`CREATE OR REPLACE VIEW ${view} AS ${rows}`);
    }
  }
  return meant.length > 0;
}

async function silverTables(pipeline: string, silver: ObjectStore): Promise<Map<string, Parts>> {
  const file = /^([^/_][^/]*)\/(?:([^/=]+)=([^/]+)\/)?\1(?:_[^/]+)?\.parquet$/;
  const tables = new Map<string, Parts>();
  const prefix = `${pipeline}/`;
  for await (const info of silver.list({ prefix })) {
    const [, table, column, value] = file.exec(info.key.slice(prefix.length)) ?? [];
    if (table === undefined) continue;
    const part = { info, month: column === "month" ? value : undefined };
    tables.set(table, [...(tables.get(table) ?? []), part]);
  }
  return tables;
}

/** The newest deliverables that are tables, by name; Parquet, where there are both, for it has types. */
async function publishedTables(pipeline: string, gold: ObjectStore): Promise<Map<string, ObjectInfo>> {
  const tables = new Map<string, ObjectInfo>();
  // Loaded here only: what runs pipelines is large.
  const { latestFolder } = await import("@ingot/engine/batch");
  const prefix = latestFolder(pipeline);
  for await (const info of gold.list({ prefix })) {
    const [, table] = GOLD_FILE.exec(info.key.slice(prefix.length)) ?? [];
    if (table !== undefined) tables.set(table, info);
  }
  return tables;
}

async function partRows(parts: Parts, { objects, silver, ...limits }: BatchTablesOptions): Promise<string> {
  const files = await objects.files(
    silver,
    parts.map(({ info }) => info),
    limits,
  );
  const byMonth = Map.groupBy(files, (_, at) => parts[at]!.month);
  return [...byMonth]
    .map(([month, some]) => {
      const rows = `FROM read_parquet(${sqlTexts(some.map(({ path }) => path))}, hive_partitioning = false, union_by_name = true)`;
      return `SELECT ${month === undefined ? "" : `${sqlText(month)} AS month, `}* ${rows}`;
    })
    .join(" UNION ALL BY NAME ");
}

async function publishedRows(
  info: ObjectInfo,
  types: ReadonlyMap<string, string>,
  { session, objects, gold, ...limits }: BatchTablesOptions,
): Promise<string> {
  const [file] = await objects.files(gold, [info], limits);
  const path = sqlText(file!.path);
  if (info.key.endsWith(".parquet")) return `SELECT * FROM read_parquet(${path}, hive_partitioning = false)`;
  const csv = `read_csv(${path}, header = true, delim = ',', quote = '"', escape = '"', hive_partitioning = false`;
  const columns = await session.all(`DESCRIBE SELECT * FROM ${csv}, all_varchar = true)`);
  const typed = columns.flatMap(([name]) => {
    const type = types.get(name!);
    return type === undefined ? [] : [`${sqlText(name!)}: ${sqlText(type)}`];
  });
  const guessed = `SELECT * FROM ${csv})`;
  if (typed.length === 0) return guessed;
  const rows = `SELECT * FROM ${csv}, types = {${typed.join(", ")}})`;
  try {
    // A deliverable's own query may have made something else of a column. Such files are small: all is read once more.
    await session.all(`SELECT max(hash(row)) FROM (${rows}) AS row`, limits);
    return rows;
  } catch (error) {
    if (limits.signal?.aborted) throw error;
    return guessed;
  }
}

/** The types that columns have in the tables of silver that a deliverable is made of. */
async function typesOf(
  pipeline: string,
  { key }: ObjectInfo,
  silver: ReadonlyMap<string, Parts>,
  options: BatchTablesOptions,
): Promise<Map<string, string>> {
  if (key.endsWith(".parquet")) return new Map();
  // Loaded here only: few ask for more than one pipeline's tables.
  const { loadPipeline } = await import("./batch.ts");
  const { deliverables } = await loadPipeline(pipeline);
  const from = deliverables.find(({ file }) => key.endsWith(`/${file}`))?.from ?? [];
  const types = new Map<string, string>();
  for (const table of from) {
    const parts = silver.get(table);
    if (!parts) continue;
    const columns = await options.session.all(`DESCRIBE ${await partRows(parts.slice(-1), options)}`);
    for (const [name, type] of columns) if (!types.has(name!)) types.set(name!, type!);
  }
  return types;
}
