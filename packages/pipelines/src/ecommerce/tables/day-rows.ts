import { IngotError } from "@ingot/common";
import { type DuckDbSession, sqlText, sqlTexts } from "@ingot/engine";
import { bronzeKey, DATASETS, type DatasetName } from "../datasets.ts";
import type { CompactedBefore } from "./compacted-before.ts";
import { type CompactedSource, SOURCES_ENTRY, sourcesToJson } from "./compacted-object.ts";
import { columnsOf, csvRows } from "./silver-rows.ts";
import { SORTED_BY } from "./silver-types.ts";

/**
 * Loads the rows of CSV files, with their places in their objects, into the table `added`, and how many each file has into
 * `added_files`.
 *
 * @returns how many rows each bronze key has; none for one without rows
 */
export async function loadCsv(
  session: DuckDbSession,
  dataset: DatasetName,
  { paths, bronzeKeys }: { paths: readonly string[]; bronzeKeys: readonly string[] },
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  // A running number over files that are read one after the other: no row has to be sorted for it.
  await session.run(
    `CREATE TEMP TABLE added AS SELECT *, row_number() OVER () AS place FROM (${csvRows(dataset, paths)});
    CREATE TEMP TABLE added_files AS
      SELECT path, bronze_key, first_place, coalesce(rows, 0) AS rows, coalesce(last_place - first_place + 1, 0) AS span
      FROM (SELECT unnest(${sqlTexts(paths)}) AS path, unnest(${sqlTexts(bronzeKeys)}) AS bronze_key)
      LEFT JOIN (
        SELECT source AS path, min(place) AS first_place, max(place) AS last_place, count(*) AS rows FROM added GROUP BY source
      ) USING (path)`,
    { signal },
  );
  const torn = await session.all("SELECT path FROM added_files WHERE rows <> span LIMIT 1");
  if (torn.length > 0) {
    throw new IngotError(
      "query_failed",
      `DuckDB did not read ${torn[0]![0]} from its first row to its last.`,
    );
  }
  const counted = await session.all("SELECT bronze_key, rows FROM added_files");
  return new Map(counted.map(([key, rows]) => [key!, Number(rows)]));
}

/** SQL that writes a day's Parquet file: what the one before has of its sources, and the rows that were loaded. */
export function writeDay(
  dataset: DatasetName,
  before: CompactedBefore,
  sources: readonly CompactedSource[],
  target: string,
): string {
  const columns = columnsOf(dataset);
  const keptKeys = before.sources.map(({ key }) => bronzeKey(DATASETS[dataset], key));
  const keptRows = `SELECT ${columns}, bronze_key, position
    FROM read_parquet(${sqlText(before.path ?? "")}, hive_partitioning = false)
    WHERE bronze_key IN (SELECT unnest(${sqlTexts(keptKeys)})) UNION ALL`;
  const named = sources.map(({ key, etag, rows }) => ({ key, etag, rows }));
  return `COPY (
    ${keptKeys.length === 0 ? "" : keptRows}
    SELECT ${columns}, bronze_key, place - first_place + 1 AS position
    FROM added JOIN added_files ON added_files.path = added.source
    ORDER BY ${SORTED_BY[dataset]}, bronze_key, position
  ) TO ${sqlText(target)} (FORMAT parquet, COMPRESSION zstd,
    KV_METADATA {${SOURCES_ENTRY}: ${sqlText(sourcesToJson(named))}})`;
}

/** Removes what `loadCsv` has loaded. */
export async function dropAdded(session: DuckDbSession): Promise<void> {
  await session.run("DROP TABLE IF EXISTS added; DROP TABLE IF EXISTS added_files").catch(() => undefined);
}
