import type { ObjectStore } from "@ingot/common";
import { type LocalObjects, sqlName, sqlText } from "@ingot/engine";
import { batchSchema, batchTableNames, openBatchTables } from "../../batch-tables.ts";
import { batchPipelines } from "../../folders.ts";
import { type ManifestEntry, readManifest } from "../../gold/manifest.ts";
import type { ColumnType } from "../../models.ts";
import { DATASETS, type DatasetName } from "../datasets.ts";
import { type FilesOptions, listSilver, silverFiles } from "./silver-files.ts";
import { columnsOf, type SilverFiles, silverRows } from "./silver-rows.ts";

export interface LakeTablesOptions extends FilesOptions {
  silver: ObjectStore;
  gold: ObjectStore;
  /** SQL that is going to be run: what it cannot mean is neither listed nor fetched. */
  sql: string;
}

export interface LakeTables {
  /** Every table of the lake, mentioned or not, for messages. @throws IngotError of the storage */
  names(): Promise<readonly string[]>;
  /** False where the lake holds nothing that the SQL could mean. */
  hasData: boolean;
}

/** SQL that can mean any table without naming it. */
const MEANS_ANY =
  /\b(?:show|describe|tables|information_schema|query|query_table|sqlite_(?:temp_)?master|(?:duckdb|pg)_\w+)\b|u&"/i;

/**
 * Makes the lake's tables in a session, as views; called again, it makes them anew:
 *
 * - `orders`, `customers`: silver, each order and customer once (contract: e-commerce, section 2); `clicks`
 * - `silver.orders`, `silver.customers`, `silver.clicks`: every row of silver, with the `bronze_key` that it comes from
 * - `gold.<kpi>` for each KPI, also as `<kpi>` where silver has no table of this name
 * - `<pipeline>.<table>` for tables of other pipelines, in silver or published; in the schema's name, `-` is `_`
 *
 * @throws IngotError of the storage; `object_changed`, `object_missing` where somebody writes at this moment
 */
export async function openLakeTables(options: LakeTablesOptions): Promise<LakeTables> {
  const { session, silver, gold, sql } = options;
  const words = new Set(sql.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []);
  const isMeant = (name: string): boolean => words.has(name) || MEANS_ANY.test(sql);
  await session.run(
    "CREATE SCHEMA IF NOT EXISTS silver; CREATE SCHEMA IF NOT EXISTS gold; CREATE SCHEMA IF NOT EXISTS ingot",
  );
  const datasets = (Object.keys(DATASETS) as DatasetName[]).filter(isMeant);
  const listed = datasets.length === 0 ? undefined : await listSilver(silver);
  let hasData = datasets.length === 0;
  for (const dataset of datasets) {
    const files = await silverFiles(silver, dataset, listed![dataset], options);
    await session.run(datasetViews(dataset, files));
    hasData ||= files.csv.length + files.parquet.length > 0;
  }
  const { kpis } = await readManifest(gold);
  for (const [name, kpi] of Object.entries(kpis)) {
    if (!isMeant(name)) continue;
    const path = await kpiFile(name, kpi, options);
    if (path === undefined) continue;
    await session.run(kpiViews(name, kpi, path));
    hasData = true;
  }
  for (const pipeline of batchPipelines()) {
    // Columns may have the names of tables: only the schema's tells that a table is meant.
    if (isMeant(batchSchema(pipeline)) && (await openBatchTables(pipeline, isMeant, options))) hasData = true;
  }
  return { names: () => tableNames(Object.keys(kpis), options), hasData };
}

async function tableNames(
  kpis: readonly string[],
  layers: Pick<LakeTablesOptions, "silver" | "gold">,
): Promise<string[]> {
  const silverNames = Object.keys(DATASETS);
  const goldNames = kpis.map((name) => (silverNames.includes(name) ? `gold.${name}` : name));
  const others = await Promise.all(
    batchPipelines().map(async (pipeline) =>
      (await batchTableNames(pipeline, layers)).map((table) => `${batchSchema(pipeline)}.${table}`),
    ),
  );
  return [...silverNames, ...silverNames.map((name) => `silver.${name}`), ...goldNames, ...others.flat()];
}

/** What tells two records of one thing apart, and which of them counts before the bronze key decides. */
const IDENTITY: Readonly<Partial<Record<DatasetName, { id: string; newest: string }>>> = {
  orders: { id: "order_id", newest: "order_ts DESC, " },
  customers: { id: "customer_id", newest: "" },
};

function datasetViews(dataset: DatasetName, files: SilverFiles): string {
  const columns = columnsOf(dataset);
  const csvFiles = `ingot.${dataset}_files`;
  const rows = `ingot.${dataset}_rows`;
  const bronzeKey = "coalesce(file.bronze_key, rows.source)";
  const values = files.csv.map(({ path, bronzeKey: key }) => `(${sqlText(path)}, ${sqlText(key)})`);
  const identity = IDENTITY[dataset];
  return [
    `CREATE OR REPLACE TABLE ${csvFiles} (path VARCHAR, bronze_key VARCHAR)`,
    ...(values.length === 0 ? [] : [`INSERT INTO ${csvFiles} VALUES ${values.join(", ")}`]),
    `CREATE OR REPLACE VIEW ${rows} AS ${silverRows(dataset, files)}`,
    `CREATE OR REPLACE VIEW silver.${dataset} AS SELECT rows.* EXCLUDE (source), ${bronzeKey} AS bronze_key
      FROM ${rows} AS rows LEFT JOIN ${csvFiles} AS file ON file.path = rows.source`,
    `CREATE OR REPLACE VIEW ${dataset} AS ${identity ? newestOf(identity) : `SELECT ${columns} FROM ${rows}`}`,
  ].join(";\n");

  /**
   * Most records have one version only; sorting those few that have more is cheaper than sorting all. One object has
   * one version of a record at most: the cleaner saw to that.
   */
  function newestOf({ id, newest }: { id: string; newest: string }): string {
    return `
      WITH versions AS MATERIALIZED (SELECT * FROM ${rows}),
      repeated AS MATERIALIZED (SELECT ${id} FROM versions GROUP BY ${id} HAVING count(*) > 1)
      SELECT ${columns} FROM versions ANTI JOIN repeated USING (${id})
      UNION ALL
      SELECT ${columns}
      FROM (SELECT * FROM versions SEMI JOIN repeated USING (${id})) AS rows
      LEFT JOIN ${csvFiles} AS file ON file.path = rows.source
      QUALIFY row_number() OVER (PARTITION BY ${id} ORDER BY ${newest}${bronzeKey} DESC) = 1`;
  }
}

const KPI_TYPES: Readonly<Record<ColumnType, string>> = {
  text: "VARCHAR",
  integer: "BIGINT",
  date: "DATE",
  quantity: "DECIMAL(38,4)",
  money: "DECIMAL(38,2)",
  number: "DOUBLE",
};

async function kpiFile(
  name: string,
  { key }: ManifestEntry,
  { gold, objects, ...fetching }: LakeTablesOptions & { objects: LocalObjects },
): Promise<string | undefined> {
  const info = (await gold.stat(key)) ?? (await gold.stat(`latest/${name}.csv`));
  if (!info) return undefined;
  const [file] = await objects.files(gold, [info], fetching);
  return file?.path;
}

function kpiViews(name: string, { columns }: ManifestEntry, path: string): string {
  const types = columns.map(({ name: column, type }) => ({
    column,
    type: Object.hasOwn(KPI_TYPES, type) ? KPI_TYPES[type as ColumnType] : "VARCHAR",
  }));
  const texts = types.filter(({ type }) => type === "VARCHAR").map(({ column }) => sqlText(column));
  const struct = types.map(({ column, type }) => `${sqlText(column)}: ${sqlText(type)}`).join(", ");
  const view = `CREATE OR REPLACE VIEW gold.${sqlName(name)} AS SELECT * FROM read_csv([${sqlText(path)}], auto_detect = false,
    header = true, delim = ',', quote = '"', escape = '"', new_line = '\\n', strict_mode = true,
    columns = {${struct}}, force_not_null = [${texts.join(", ")}]::VARCHAR[], hive_partitioning = false)`;
  const isFree = !Object.hasOwn(DATASETS, name);
  return isFree
    ? `${view}; CREATE OR REPLACE VIEW ${sqlName(name)} AS SELECT * FROM gold.${sqlName(name)}`
    : view;
}
