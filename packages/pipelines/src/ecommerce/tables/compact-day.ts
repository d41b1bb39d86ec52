import { createReadStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import {
  compareKeys,
  IngotError,
  type ObjectInfo,
  type ObjectMetadata,
  type ObjectStore,
} from "@ingot/common";
import { type DuckDbSession, LocalObjects, sqlText, sqlTexts } from "@ingot/engine";
import { countsFromMetadata } from "../clean-counts.ts";
import { bronzeKey, DATASETS, type DatasetName } from "../datasets.ts";
import { type CompactedSource, compactedKey, compactedMetadata, sourcesToJson } from "./compacted-object.ts";
import { readSources } from "./silver-files.ts";
import { checkCsvFile, columnsOf, csvRows } from "./silver-rows.ts";
import { SORTED_BY } from "./silver-types.ts";

/** A day of a dataset, as a listing shows it. */
export interface SilverDay {
  dataset: DatasetName;
  /** `yyyy-MM-dd` */
  day: string;
  /** The CSV objects in the day's folder. */
  objects: readonly ObjectInfo[];
  /** The day's compacted object, where there is one. */
  compacted?: ObjectInfo | undefined;
}

export interface CompactedDay {
  key: string;
  objects: number;
  rows: number;
  /** Of the Parquet file. */
  bytes: number;
}

/**
 * Writes one day of a dataset as one Parquet file: the silver columns with their types, `bronze_key` and `position` (from
 * 1 on, in the silver object), sorted, zstd. Where there is one already, only what changed since is read from CSV.
 *
 * The file is written whole, last, and names the ETag of each object that it holds: killed, or run twice at once, it
 * leaves nothing that readers could take for more than it is.
 *
 * @throws IngotError `object_changed`, `object_missing` where an object changed meanwhile; `silver_invalid`; of the storage
 */
export async function compactDay(
  silver: ObjectStore,
  { dataset, day, objects, compacted }: SilverDay,
  session: DuckDbSession,
  signal?: AbortSignal,
): Promise<CompactedDay> {
  const folder = path.join(session.folder, "day");
  const target = path.join(folder, "compacted.parquet");
  const local = new LocalObjects(folder);
  try {
    await mkdir(folder, { recursive: true });
    const before = await readBefore(silver, objects, compacted, { local, session, signal });
    const kept = new Set(before.sources.map(({ key }) => key));
    const added = objects
      .filter(({ key }) => !kept.has(key))
      .map((info) => ({ ...info, bronzeKey: bronzeKey(DATASETS[dataset], info.key) }))
      .sort((a, b) => compareKeys(a.bronzeKey, b.bronzeKey));
    const files = await local.files(silver, added, { signal });
    const paths = files.map(({ path: file }, at) => {
      checkCsvFile(dataset, { path: file, key: added[at]!.key });
      return file;
    });
    await loadCsv(
      session,
      dataset,
      paths,
      added.map((info) => info.bronzeKey),
      signal,
    );
    const counted = new Map(
      (await session.all("SELECT bronze_key, rows FROM added_files")).map(([key, rows]) => [
        key,
        Number(rows),
      ]),
    );
    const fresh = added.map(({ key, etag, bronzeKey: source }) => ({
      key,
      etag,
      rows: counted.get(source) ?? 0,
    }));
    await checkUnchanged(
      silver,
      fresh,
      files.map(({ metadata }) => metadata),
      signal,
    );
    const sources = [...before.sources, ...fresh].sort((a, b) => compareKeys(a.key, b.key));
    await session.run(writeDay(dataset, before, sources, target), { signal });
    const { size } = await stat(target);
    const key = compactedKey(dataset, day);
    signal?.throwIfAborted();
    await silver.write(key, createReadStream(target), {
      metadata: compactedMetadata(sources),
      contentType: "application/vnd.apache.parquet",
    });
    const rows = sources.reduce((sum, source) => sum + source.rows, 0);
    return { key, objects: sources.length, rows, bytes: size };
  } finally {
    await session.run("DROP TABLE IF EXISTS added; DROP TABLE IF EXISTS added_files").catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the day's Parquet file has already, of objects that are still as they were. */
interface Before {
  path: string | undefined;
  sources: CompactedSource[];
}

async function readBefore(
  silver: ObjectStore,
  objects: readonly ObjectInfo[],
  compacted: ObjectInfo | undefined,
  {
    local,
    session,
    signal,
  }: { local: LocalObjects; session: DuckDbSession; signal: AbortSignal | undefined },
): Promise<Before> {
  if (!compacted) return { path: undefined, sources: [] };
  const etags = new Map(objects.map(({ key, etag }) => [key, etag]));
  try {
    const [file] = await local.files(silver, [compacted], { signal });
    const sources = (await readSources(session, [file!.path], signal)).get(file!.path) ?? [];
    return { path: file!.path, sources: sources.filter(({ key, etag }) => etags.get(key) === etag) };
  } catch (error) {
    // One that is damaged or gone is no loss: everything is in CSV.
    if (!(error instanceof IngotError) || !["silver_invalid", "object_missing"].includes(error.code))
      throw error;
    return { path: undefined, sources: [] };
  }
}

/** The rows of CSV files, with their places in their objects, into `added`; how many each file has into `added_files`. */
async function loadCsv(
  session: DuckDbSession,
  dataset: DatasetName,
  paths: readonly string[],
  bronzeKeys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
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
}

function writeDay(
  dataset: DatasetName,
  before: Before,
  sources: readonly CompactedSource[],
  target: string,
): string {
  const columns = columnsOf(dataset);
  const keptKeys = before.sources.map(({ key }) => bronzeKey(DATASETS[dataset], key));
  const keptRows = `SELECT ${columns}, bronze_key, position
    FROM read_parquet(${sqlText(before.path ?? "")}, hive_partitioning = false)
    WHERE bronze_key IN (SELECT unnest(${sqlTexts(keptKeys)})) UNION ALL`;
  return `COPY (
    ${keptKeys.length === 0 ? "" : keptRows}
    SELECT ${columns}, bronze_key, place - first_place + 1 AS position
    FROM added JOIN added_files ON added_files.path = added.source
    ORDER BY ${SORTED_BY[dataset]}, bronze_key, position
  ) TO ${sqlText(target)} (FORMAT parquet, COMPRESSION zstd,
    KV_METADATA {ingot_sources: ${sqlText(sourcesToJson(sources))}})`;
}

/** Objects looked at at the same time. */
const PARALLEL = 16;

/**
 * Makes sure that what was read is what was listed, and all of it.
 *
 * @param fetched metadata of objects that were fetched: their ETags were compared then
 */
async function checkUnchanged(
  silver: ObjectStore,
  sources: readonly CompactedSource[],
  fetched: readonly (ObjectMetadata | undefined)[],
  signal: AbortSignal | undefined,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < sources.length; at = next++) {
      signal?.throwIfAborted();
      const { key, etag, rows } = sources[at]!;
      const metadata = fetched[at];
      const stored = metadata ? { etag, metadata } : await silver.stat(key);
      if (stored?.etag !== etag) {
        throw new IngotError("object_changed", `${key} changed while its day was compacted.`, {
          context: { layer: "silver", key },
        });
      }
      const { kept } = countsFromMetadata(stored.metadata);
      if (kept === undefined || kept === rows) continue;
      throw new IngotError(
        "silver_invalid",
        `${key} has ${rows} rows, but its metadata says ${kept}; delete the object, and it is written anew from its source`,
        { context: { layer: "silver", key } },
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, sources.length) }, worker));
}
