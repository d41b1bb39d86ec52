import type { ObjectInfo, ObjectStore } from "@ingot/common";
import { DATASETS, type DatasetName, datasetOfSilver } from "../datasets.ts";
import type { SilverDay } from "./compact-day.ts";
import {
  compactedDay,
  compactedKey,
  compactedPrefix,
  type DatasetDay,
  dayFolder,
  prunedDay,
  prunedKey,
  sourcesKey,
} from "./compacted-object.ts";

/**
 * The days of silver with their objects, one dataset after the other, a day's objects in memory at a time. A day whose
 * CSV objects are all gone but whose Parquet file is not is a day too, of no objects.
 */
export async function* silverDays(silver: ObjectStore): AsyncGenerator<SilverDay> {
  for (const dataset of Object.keys(DATASETS) as DatasetName[]) {
    const own = new Map<string, ObjectInfo>();
    for await (const info of silver.list({ prefix: compactedPrefix(dataset) })) own.set(info.key, info);
    const dayOf = (day: string, objects: ObjectInfo[]): SilverDay => {
      const [rows, list, pruned] = keysOf({ dataset, day });
      const found = { compacted: own.get(rows), list: own.get(list), isPruned: own.has(pruned) };
      for (const key of [rows, list, pruned]) own.delete(key);
      return { dataset, day, objects, ...found };
    };
    let current: { day: string; objects: ObjectInfo[] } | undefined;
    for await (const info of silver.list({ prefix: `${dataset}/dt=` })) {
      const day = dayFolder(info.key)?.day;
      if (day === undefined || datasetOfSilver(info.key)?.name !== dataset) continue;
      if (current && current.day !== day) yield dayOf(current.day, current.objects);
      if (current?.day !== day) current = { day, objects: [] };
      current.objects.push(info);
    }
    if (current) yield dayOf(current.day, current.objects);
    for (const key of own.keys()) {
      const { day } = compactedDay(key) ?? prunedDay(key) ?? {};
      if (day !== undefined && own.has(key)) yield dayOf(day, []);
    }
  }
}

/** One day of silver with its objects, as it is now. */
export async function silverDay(silver: ObjectStore, { dataset, day }: DatasetDay): Promise<SilverDay> {
  const objects: ObjectInfo[] = [];
  for await (const info of silver.list({ prefix: `${dataset}/dt=${day}/` })) {
    if (datasetOfSilver(info.key)?.name === dataset) objects.push(info);
  }
  // Asked after the listing: what says that a day was pruned is there before the first of its objects goes.
  const [compacted, list, pruned] = await Promise.all(
    keysOf({ dataset, day }).map((key) => silver.stat(key)),
  );
  return { dataset, day, objects, compacted, list, isPruned: pruned !== undefined };
}

const keysOf = ({ dataset, day }: DatasetDay) =>
  [compactedKey(dataset, day), sourcesKey(dataset, day), prunedKey(dataset, day)] as const;
