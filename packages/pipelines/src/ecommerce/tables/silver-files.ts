import { IngotError, type ObjectInfo, type ObjectStore } from "@ingot/common";
import { type DuckDbSession, type LocalObjects, sqlText, sqlTexts } from "@ingot/engine";
import { bronzeKey, DATASETS, type DatasetName, datasetOfSilver } from "../datasets.ts";
import { type CompactedSource, compactedDay, SOURCES_ENTRY, sourcesFromJson } from "./compacted-object.ts";
import { checkCsvFile, type SilverFiles } from "./silver-rows.ts";

/** Silver as a listing shows it. */
export interface ListedDataset {
  csv: ObjectInfo[];
  compacted: ObjectInfo[];
}

export type ListedSilverLayer = Record<DatasetName, ListedDataset>;

/** Everything in silver, by dataset; objects that are neither the cleaner's nor the compactor's are left out. */
export async function listSilver(silver: ObjectStore): Promise<ListedSilverLayer> {
  const listed: ListedSilverLayer = {
    customers: { csv: [], compacted: [] },
    orders: { csv: [], compacted: [] },
    clicks: { csv: [], compacted: [] },
  };
  for await (const info of silver.list()) {
    const dataset = datasetOfSilver(info.key)?.name;
    const day = compactedDay(info.key);
    if (dataset) listed[dataset].csv.push(info);
    else if (day) listed[day.dataset].compacted.push(info);
  }
  return listed;
}

export interface FilesOptions {
  session: DuckDbSession;
  objects: LocalObjects;
  signal?: AbortSignal | undefined;
  /** Told after each object that had to be fetched. */
  onFetched?: (info: ObjectInfo) => void;
}

/**
 * The files that together hold each row of a dataset once: of a compacted object what it took from objects that are as
 * they were then, and the CSV files of all others.
 *
 * @throws IngotError of the storage; `object_changed`, `object_missing` where somebody writes at this moment;
 *   `silver_invalid`
 */
export async function silverFiles(
  silver: ObjectStore,
  dataset: DatasetName,
  { csv, compacted }: ListedDataset,
  options: FilesOptions,
): Promise<SilverFiles> {
  const { session, objects, signal } = options;
  const parquetFiles = await objects.files(silver, compacted, options);
  const sources = await readSources(
    session,
    parquetFiles.map(({ path }) => path),
    signal,
  );
  const current = new Map(csv.map(({ key, etag }) => [key, etag]));
  const covered = new Set<string>();
  const parquet: SilverFiles["parquet"][number][] = [];
  for (const { path } of parquetFiles) {
    const known = sources.get(path);
    if (!known) continue;
    const isCurrent = ({ key, etag }: CompactedSource): boolean =>
      current.get(key) === etag && !covered.has(key);
    const usable = known.filter(isCurrent);
    if (usable.length === 0) continue;
    const usableKeys = new Set(usable.map(({ key }) => key));
    const stale = known.filter(({ key }) => !usableKeys.has(key));
    parquet.push({ path, stale: stale.map(({ key }) => bronzeKey(DATASETS[dataset], key)) });
    for (const key of usableKeys) covered.add(key);
  }
  const open = csv.filter(({ key }) => !covered.has(key));
  const csvFiles = await objects.files(silver, open, options);
  return {
    csv: csvFiles.map(({ path }, at) => {
      const { key } = open[at]!;
      checkCsvFile(dataset, { path, key });
      return { path, bronzeKey: bronzeKey(DATASETS[dataset], key) };
    }),
    parquet,
  };
}

/** The sources of Parquet files by path; those that the compactor did not write are left out. */
export async function readSources(
  session: DuckDbSession,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, CompactedSource[]>> {
  if (paths.length === 0) return new Map();
  const sql = `SELECT file_name, decode(value) FROM parquet_kv_metadata(${sqlTexts(paths)})
    WHERE decode(key) = ${sqlText(SOURCES_ENTRY)}`;
  try {
    const rows = await session.all(sql, { signal });
    return new Map(
      rows.flatMap(([path, text]) => {
        const sources = sourcesFromJson(text ?? "");
        return path && sources ? [[path, sources] as const] : [];
      }),
    );
  } catch (cause) {
    if (signal?.aborted) throw cause;
    const text = `A Parquet file in silver cannot be read: ${(cause as Error).message}. Delete it: its rows are in CSV too.`;
    throw new IngotError("silver_invalid", text, { cause });
  }
}
