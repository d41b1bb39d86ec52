import { IngotError, type ObjectInfo, type ObjectStore } from "@ingot/common";
import { type DuckDbSession, type LocalObjects, sqlText, sqlTexts } from "@ingot/engine";
import { ecommerceObjects } from "../../folders.ts";
import { bronzeKey, DATASETS, type DatasetName, datasetOfSilver } from "../datasets.ts";
import {
  type CompactedSource,
  compactedDay,
  compactedKey,
  isCompactedSource,
  prunedDay,
  SOURCES_ENTRY,
  sourcesFromJson,
} from "./compacted-object.ts";
import { checkCsvFile, type SilverFiles } from "./silver-rows.ts";

/** Silver as a listing shows it. */
export interface ListedDataset {
  csv: ObjectInfo[];
  compacted: ObjectInfo[];
  /** Days in which a CSV object that is not there was pruned. */
  prunedDays: Set<string>;
}

export type ListedSilverLayer = Record<DatasetName, ListedDataset>;

/** Everything in silver, by dataset; objects that are neither the cleaner's nor the compactor's are left out. */
export async function listSilver(silver: ObjectStore): Promise<ListedSilverLayer> {
  const listed: ListedSilverLayer = {
    customers: { csv: [], compacted: [], prunedDays: new Set() },
    orders: { csv: [], compacted: [], prunedDays: new Set() },
    clicks: { csv: [], compacted: [], prunedDays: new Set() },
  };
  for await (const info of ecommerceObjects(silver)) {
    const dataset = datasetOfSilver(info.key)?.name;
    const compacted = compactedDay(info.key);
    const pruned = prunedDay(info.key);
    if (dataset) listed[dataset].csv.push(info);
    else if (compacted) listed[compacted.dataset].compacted.push(info);
    else if (pruned) listed[pruned.dataset].prunedDays.add(pruned.day);
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
 * they were then or were pruned since, and the CSV files of all others.
 *
 * @throws IngotError of the storage; `object_changed`, `object_missing` where somebody writes at this moment;
 *   `silver_invalid`
 */
export async function silverFiles(
  silver: ObjectStore,
  dataset: DatasetName,
  { csv, compacted, prunedDays }: ListedDataset,
  options: FilesOptions,
): Promise<SilverFiles> {
  const { session, objects, signal } = options;
  const days = compacted.map(({ key }) => compactedDay(key)?.day);
  for (const day of prunedDays) if (!days.includes(day)) throw prunedRowsMissing(compactedKey(dataset, day));
  const parquetFiles = await objects.files(silver, compacted, options);
  const sources = await readSources(
    session,
    parquetFiles.map(({ path }) => path),
    signal,
  );
  const current = new Map(csv.map(({ key, etag }) => [key, etag]));
  const covered = new Set<string>();
  const parquet: SilverFiles["parquet"][number][] = [];
  for (const [at, { path }] of parquetFiles.entries()) {
    const known = sources.get(path) ?? [];
    const isPruned = prunedDays.has(days[at]!);
    const isUsable = (source: CompactedSource): boolean =>
      isCurrent(source, isPruned, current) && !covered.has(source.key);
    const usableKeys = new Set(known.filter(isUsable).map(({ key }) => key));
    if (usableKeys.size === 0) continue;
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

/**
 * True where a compacted object's rows of a source count: its CSV object is as it was, or was pruned.
 *
 * @param csv the ETags of the CSV objects that are there, by key
 */
export function isCurrent(
  { key, etag }: CompactedSource,
  isPruned: boolean,
  csv: ReadonlyMap<string, string>,
): boolean {
  const now = csv.get(key);
  return now === undefined ? isPruned : now === etag;
}

/** Without its Parquet file a pruned day has no rows: any answer would be wrong. @param key of that file */
export function prunedRowsMissing(key: string): IngotError {
  return new IngotError(
    "silver_incomplete",
    `${key} is gone, or does not have the rows of all objects whose CSV was pruned. Restore it from a backup, or clean ` +
      "the objects again: ingot rebuild --from bronze",
    { context: { layer: "silver", key } },
  );
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
        const sources = sourcesFromJson(text ?? "", isCompactedSource);
        return path && sources ? [[path, sources] as const] : [];
      }),
    );
  } catch (cause) {
    if (signal?.aborted) throw cause;
    const text = `A Parquet file in silver cannot be read: ${(cause as Error).message}. Delete it: its rows are in CSV too; where those were pruned, restore it from a backup instead.`;
    throw new IngotError("silver_invalid", text, { cause });
  }
}
