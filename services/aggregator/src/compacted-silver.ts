import type { ObjectInfo, ObjectStore } from "@ingot/common";
import {
  DATASETS,
  type DatasetDay,
  type DaySource,
  dayFolder,
  prunedKey,
  readDaySources,
} from "@ingot/pipelines";
import { SMALL_OBJECT_BYTES } from "@ingot/warehouse";
import type { ListedSilver } from "./silver-intake.ts";

/** So many small objects take longer than their day's Parquet file: each has to be opened, on S3 over the network. */
const WORTH_IT = 64;

/** The objects of a day's list that were pruned, unless they are there as CSV again, which the caller knows. */
export async function prunedObjectsOf(silver: ObjectStore, place: DatasetDay): Promise<PrunedSilver[]> {
  if (!(await silver.stat(prunedKey(place.dataset, place.day)))) return [];
  return asPruned(place, (await readDaySources(silver, place)) ?? []);
}

function asPruned({ dataset }: DatasetDay, sources: readonly DaySource[]): PrunedSilver[] {
  return sources.map((source) => ({
    info: source,
    dataset: DATASETS[dataset],
    compacted: { source, isPruned: true },
  }));
}

export type PrunedSilver = ListedSilver & Required<Pick<ListedSilver, "compacted">>;

/**
 * The same objects, and those that were pruned; small ones of a day come out of its Parquet file, where they have not
 * changed since.
 *
 * @param csv the objects that silver has as CSV
 * @param days the days that have been compacted
 */
export async function withCompacted(
  silver: ObjectStore,
  csv: readonly (ListedSilver & { info: ObjectInfo })[],
  days: readonly DatasetDay[],
): Promise<ListedSilver[]> {
  const byKey = new Map<string, ListedSilver>(csv.map((listed) => [listed.info.key, listed]));
  const small = new Map<string, number>();
  for (const { info } of csv) {
    const day = nameOf(dayFolder(info.key));
    if (info.size <= SMALL_OBJECT_BYTES) small.set(day, (small.get(day) ?? 0) + 1);
  }
  for (const place of days) {
    const isPruned = (await silver.stat(prunedKey(place.dataset, place.day))) !== undefined;
    const isWorthIt = (small.get(nameOf(place)) ?? 0) >= WORTH_IT;
    const sources = isPruned || isWorthIt ? ((await readDaySources(silver, place)) ?? []) : [];
    for (const pruned of isPruned ? asPruned(place, sources) : []) {
      if (!byKey.has(pruned.info.key)) byKey.set(pruned.info.key, pruned);
    }
    for (const source of isWorthIt ? sources : []) {
      const listed = byKey.get(source.key);
      const isSame = listed && !listed.compacted && listed.info.etag === source.etag;
      if (isSame && source.size <= SMALL_OBJECT_BYTES)
        byKey.set(source.key, { ...listed, compacted: { source, isPruned: false } });
    }
  }
  return [...byKey.values()];
}

const nameOf = (place: DatasetDay | undefined): string => (place ? `${place.dataset}/${place.day}` : "");
