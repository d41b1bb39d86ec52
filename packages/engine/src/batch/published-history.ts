import { createWriteStream } from "node:fs";
import path from "node:path";
import { pipeline as pipe } from "node:stream/promises";
import type { DuckDbSession } from "../duckdb/duckdb.ts";
import { sqlName, sqlText } from "../duckdb/sql-text.ts";
import type { ModelTable, Pipeline } from "./pipeline.ts";
import { readPipelineManifest } from "./pipeline-manifest.ts";
import type { RunOptions } from "./run-options.ts";
import { latestFolder, PIPELINE_MANIFEST } from "./run-record.ts";
import { noRows } from "./silver-tables.ts";

/** Makes what was published of a table before its `<name>_before`. Only what was published counts: a failed run leaves no trace. */
export async function showHistory(
  { name, history = {} }: ModelTable,
  { pipeline, session, options }: { pipeline: Pipeline; session: DuckDbSession; options: RunOptions },
): Promise<void> {
  const { gold } = options.lake;
  const manifest = await readPipelineManifest(gold, `${latestFolder(pipeline.name)}${PIPELINE_MANIFEST}`);
  const key = manifest?.files[`${name}.csv`]?.key;
  const view = `CREATE OR REPLACE TEMP VIEW ${sqlName(`${name}_before`)} AS`;
  if (key === undefined) {
    await session.run(`${view} ${noRows(history)}`);
    return;
  }
  const file = path.join(session.folder, `${name}_before.csv`);
  await pipe((await gold.read(key)).body, createWriteStream(file));
  const columns = Object.entries(history).map(([column, type]) => `${sqlText(column)}: ${sqlText(type)}`);
  await session.run(`${view} SELECT * FROM read_csv(${sqlText(file)}, auto_detect = false, header = true, delim = ',',
    quote = '"', escape = '"', nullstr = '', columns = {${columns.join(", ")}})`);
}
