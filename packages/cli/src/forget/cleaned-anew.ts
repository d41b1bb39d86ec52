import type { Lake, ObjectStore } from "@ingot/common";
import { bronzeKey, DATASETS, type DatasetDay, readDaySources } from "@ingot/pipelines";
import { silverDays } from "@ingot/pipelines/tables";
import { compactAnew } from "./compacted.ts";
import { listLake } from "./listed-lake.ts";

/**
 * Makes the Parquet files anew of the days that have one, after their CSV objects were.
 *
 * @returns how many days
 */
export async function compactCleanedAnew(silver: ObjectStore, signal: AbortSignal): Promise<number> {
  const days: DatasetDay[] = [];
  for await (const { dataset, day, compacted } of silverDays(silver)) {
    if (compacted) days.push({ dataset, day });
  }
  await compactAnew(silver, days, signal);
  return days.length;
}

/** How many silver objects nobody can make anew, as CSV or in Parquet only, and how many of them hold customers. */
export async function silverWithoutBronze(lake: Lake): Promise<{ objects: number; customers: number }> {
  const { bronze, orphans } = await listLake(lake);
  const without = new Map(orphans.silver.map(({ info, dataset }) => [info.key, dataset.name]));
  for await (const place of silverDays(lake.silver)) {
    const sources = place.isPruned ? ((await readDaySources(lake.silver, place)) ?? []) : [];
    for (const { key } of sources) {
      if (!bronze.has(bronzeKey(DATASETS[place.dataset], key))) without.set(key, place.dataset);
    }
  }
  const customers = [...without.values()].filter((name) => name === "customers").length;
  return { objects: without.size, customers };
}
