import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { IngotError } from "@ingot/common";
import { csvLine, sqlName, sqlText, sqlTexts } from "@ingot/engine";
import { DATASETS, type DatasetName } from "../datasets.ts";
import { SILVER_TYPES } from "./silver-types.ts";

/** A record has 1 MiB at most, and quotes at most double it. */
const LONGEST_LINE = 4 * 1024 * 1024;
/** By itself it would be sixteen lines, for each file that is open. */
const BUFFER = 2 * LONGEST_LINE;

/** Files that hold a dataset's silver rows, each row in one of them. */
export interface SilverFiles {
  csv: readonly { path: string; bronzeKey: string }[];
  parquet: readonly {
    path: string;
    /** Bronze keys of rows that are out of date in this file. */
    stale: readonly string[];
  }[];
}

export const columnsOf = (dataset: DatasetName): string =>
  DATASETS[dataset].silverColumns.map(sqlName).join(", ");

/**
 * SQL for the rows of CSV files that Ingot wrote: the dataset's columns, typed, and `source`, the file's path. Nothing is
 * guessed and nothing passed over. The file's header is not looked at: `checkCsvFile` does.
 */
export function csvRows(dataset: DatasetName, paths: readonly string[]): string {
  const types = SILVER_TYPES[dataset];
  if (paths.length === 0) {
    const columns = Object.entries(types).map(([name, type]) => `NULL::${type} AS ${sqlName(name)}`);
    return `SELECT ${columns.join(", ")}, NULL::VARCHAR AS source WHERE false`;
  }
  const texts = Object.keys(types).filter((name) => types[name] === "VARCHAR");
  const columns = Object.entries(types).map(([name, type]) => `${sqlText(name)}: ${sqlText(type)}`);
  return `SELECT ${columnsOf(dataset)}, source FROM read_csv(${sqlTexts(paths)}, auto_detect = false, header = true,
    delim = ',', quote = '"', escape = '"', new_line = '\\n', strict_mode = true, max_line_size = ${LONGEST_LINE}, buffer_size = ${BUFFER},
    columns = {${columns.join(", ")}}, force_not_null = ${sqlTexts(texts)}, hive_partitioning = false,
    filename = 'source')`;
}

/** SQL for all rows of a dataset: its columns and `source`, a CSV file's path or a bronze key. */
export function silverRows(dataset: DatasetName, { csv, parquet }: SilverFiles): string {
  const columns = columnsOf(dataset);
  const parts = parquet.map(({ path, stale }) => {
    const current = stale.length === 0 ? "" : ` WHERE bronze_key NOT IN (SELECT unnest(${sqlTexts(stale)}))`;
    return { path, current };
  });
  // Files that are read alike are read as one.
  const whole = parts.filter(({ current }) => current === "").map(({ path }) => path);
  const broken = parts.filter(({ current }) => current !== "");
  const read = (paths: readonly string[]): string =>
    `SELECT ${columns}, bronze_key AS source FROM read_parquet(${sqlTexts(paths)}, hive_partitioning = false)`;
  return [
    csvRows(
      dataset,
      csv.map(({ path }) => path),
    ),
    ...(whole.length === 0 ? [] : [read(whole)]),
    ...broken.map(({ path, current }) => read([path]) + current),
  ].join("\nUNION ALL\n");
}

/**
 * Makes sure that a CSV file is whole and has the dataset's columns.
 *
 * @throws IngotError `silver_invalid`
 */
export function checkCsvFile(dataset: DatasetName, file: { path: string; key: string }): void {
  const header = Buffer.from(csvLine(DATASETS[dataset].silverColumns));
  const beginning = Buffer.alloc(header.length);
  const end = Buffer.alloc(1);
  const handle = openSync(file.path, "r");
  try {
    readSync(handle, beginning, 0, header.length, 0);
    readSync(handle, end, 0, 1, Math.max(0, fstatSync(handle).size - 1));
  } finally {
    closeSync(handle);
  }
  const isWhole = end[0] === 0x0a;
  if (isWhole && beginning.equals(header)) return;
  const what = isWhole ? `the header is not ${header.toString().trimEnd()}` : "the last line is cut off";
  throw new IngotError(
    "silver_invalid",
    `${file.key}: ${what}; delete the object, and it is written anew from its source`,
    { context: { layer: "silver", key: file.key } },
  );
}
