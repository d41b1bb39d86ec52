import { IngotError, type ObjectStore } from "@ingot/common";
import type { DuckDbSession, LocalObjects } from "@ingot/engine";
import type { SilverDay } from "./compact-day.ts";
import { type CompactedSource, compactedKey, sourcesKey } from "./compacted-object.ts";
import { type DaySource, readDaySources } from "./day-sources.ts";
import { isCurrent, prunedRowsMissing, readSources } from "./silver-files.ts";

/** What a day's Parquet file has already, of objects that are as they were then, or pruned. */
export interface CompactedBefore {
  /** The file; undefined where there is none. */
  path: string | undefined;
  sources: readonly DaySource[];
}

interface Reading {
  local: LocalObjects;
  session: DuckDbSession;
  signal?: AbortSignal | undefined;
}

/**
 * Looks at what a day was compacted to before. A file or a list that is damaged or gone is no loss as long as all of it is
 * in CSV too.
 *
 * @throws IngotError `silver_incomplete` where what was pruned is not there; of the storage
 */
export async function compactedBefore(
  silver: ObjectStore,
  day: SilverDay,
  options: Reading,
): Promise<CompactedBefore> {
  const csv = new Map(day.objects.map(({ key, etag }) => [key, etag]));
  const file = await unlessDamaged(() => readFile(silver, day, options));
  const list = (await unlessDamaged(() => readDaySources(silver, day))) ?? [];
  const inFile = new Map((file?.sources ?? []).map(({ key, etag }) => [key, etag]));
  if (day.isPruned) checkPruned(day, csv, { inFile, inList: new Set(list.map(({ key }) => key)) });
  const sources = list.filter(
    (source) => inFile.get(source.key) === source.etag && isCurrent(source, day.isPruned, csv),
  );
  return { path: file?.path, sources };
}

interface Holding {
  has(key: string): boolean;
  keys(): Iterable<string>;
}

/** What was pruned is only in the file, and what is known of it only in the list. */
function checkPruned(
  { dataset, day }: SilverDay,
  csv: Holding,
  { inFile, inList }: { inFile: Holding; inList: Holding },
): void {
  for (const key of inList.keys()) {
    if (!csv.has(key) && !inFile.has(key)) throw prunedRowsMissing(compactedKey(dataset, day));
  }
  for (const key of inFile.keys()) {
    if (!csv.has(key) && !inList.has(key)) throw listMissing(sourcesKey(dataset, day));
  }
}

async function readFile(
  silver: ObjectStore,
  { compacted }: SilverDay,
  { local, session, signal }: Reading,
): Promise<{ path: string; sources: readonly CompactedSource[] } | undefined> {
  if (!compacted) return undefined;
  const [file] = await local.files(silver, [compacted], { signal });
  const sources = (await readSources(session, [file!.path], signal)).get(file!.path);
  return sources && { path: file!.path, sources };
}

/** What was read; `undefined` where it is damaged or gone. */
export async function unlessDamaged<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof IngotError && ["silver_invalid", "object_missing"].includes(error.code))
      return undefined;
    throw error;
  }
}

function listMissing(key: string): IngotError {
  return new IngotError(
    "silver_incomplete",
    `${key} is gone, or does not name all objects whose CSV was pruned. Restore it from a backup, or clean the objects ` +
      "again: ingot rebuild --from bronze",
    { context: { layer: "silver", key } },
  );
}
