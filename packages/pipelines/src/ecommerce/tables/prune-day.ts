import path from "node:path";
import { IngotError, inParallel, type ObjectInfo, type ObjectStore, sha256Of } from "@ingot/common";
import { LocalObjects } from "@ingot/engine";
import type { CompactOptions, SilverDay } from "./compact-day.ts";
import { compactedKey, type DatasetDay, prunedKey } from "./compacted-object.ts";
import { withDayFolder } from "./day-folder.ts";
import { type DaySource, readDaySources } from "./day-sources.ts";
import { RemadeDay } from "./remade-day.ts";
import { readSources } from "./silver-files.ts";

/** Objects read or deleted at the same time. */
const PARALLEL = 16;

export interface PrunedDay extends DatasetDay {
  /** CSV objects that were deleted. */
  objects: number;
  /** CSV objects that cannot be made again. */
  kept: readonly ObjectInfo[];
}

/**
 * Deletes the CSV objects of a compacted day, each only where its bytes can be made again from the Parquet file: by making
 * them, out of the file as the storage has it. Others were not written by the cleaner as it is now, and stay.
 *
 * The caller sees to it that the Parquet file has been left alone for long, so that nobody is writing another one.
 *
 * @throws IngotError `object_changed` where somebody wrote the Parquet file meanwhile; `silver_invalid`; of the storage
 */
export async function pruneDay(
  silver: ObjectStore,
  day: SilverDay,
  { session, signal }: CompactOptions,
): Promise<PrunedDay> {
  const { compacted, dataset, day: date } = day;
  if (!compacted) throw changed(compactedKey(dataset, date));
  return withDayFolder(session, async (folder) => {
    const [file] = await new LocalObjects(folder).files(silver, [compacted], { signal });
    const parquet = file!.path;
    const inFile = (await readSources(session, [parquet], signal)).get(parquet) ?? [];
    const etags = new Map(inFile.map(({ key, etag }) => [key, etag]));
    const csv = new Map(day.objects.map(({ key, etag }) => [key, etag]));
    const isThere = ({ key, etag }: DaySource): boolean => csv.get(key) === etag && etags.get(key) === etag;
    const candidates = ((await readDaySources(silver, day)) ?? []).filter(isThere);
    const remade = await RemadeDay.make(session, dataset, {
      parquet,
      file: path.join(folder, "remade.csv"),
      signal,
    });
    const tried = await inParallel(candidates, PARALLEL, async (source) => {
      signal?.throwIfAborted();
      return (await sha256Of(remade.read(source.key))) === source.sha256 ? [source] : [];
    }).finally(() => remade.close());
    const prunable = new Map(tried.flat().map((source) => [source.key, source]));
    const kept = day.objects.filter(({ key }) => !prunable.has(key));
    if (prunable.size === 0) return { dataset, day: date, objects: 0, kept };
    if ((await silver.stat(compacted.key))?.etag !== compacted.etag) throw changed(compacted.key);
    await silver.write(prunedKey(dataset, date), Buffer.from("pruned\n"), { ifAbsent: true });
    const objects = await deleteUnchanged(silver, [...prunable.values()], signal);
    return { dataset, day: date, objects, kept };
  });
}

/**
 * Deletes objects that have not changed since. For one that is written in the instant between the look and the deletion
 * the day's list names another bronze object than there is: it is cleaned again.
 */
async function deleteUnchanged(
  silver: ObjectStore,
  prunable: readonly DaySource[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const deleted = await inParallel(prunable, PARALLEL, async ({ key, etag }): Promise<number> => {
    signal?.throwIfAborted();
    if ((await silver.stat(key))?.etag !== etag) return 0;
    await silver.delete(key);
    return 1;
  });
  return deleted.reduce((sum, one) => sum + one, 0);
}

function changed(key: string): IngotError {
  return new IngotError("object_changed", `${key} was written again while its day was pruned.`, {
    context: { layer: "silver", key },
  });
}
