import { existsSync } from "node:fs";
import { type LoggedCheck, readChecks, readManifest } from "@ingot/aggregator";
import type { Lake, ObjectInfo, ObjectMetadata, Settings } from "@ingot/common";
import {
  addCounts,
  type CleanCounts,
  countsFromMetadata,
  DATASETS,
  type Dataset,
  datasetOfBronze,
  datasetOfSilver,
  isSchemaObject,
  noCounts,
  PrunedObjects,
  prunedDay,
  readDaySources,
  silverKey,
} from "@ingot/pipelines";
import { openWarehouse, warehouseFile } from "@ingot/warehouse";
import { type SchemaChange, schemaChanges } from "./schema-changes.ts";

export interface DatasetStatus extends CleanCounts {
  /** Bronze objects that were cleaned. */
  objects: number;
}

export interface LakeStatus {
  lake: string;
  layers: Record<
    "bronze" | "silver" | "quarantine" | "gold",
    { objects: number; bytes: number; rows: number }
  >;
  datasets: Record<string, DatasetStatus>;
  backlog: {
    /** Bronze objects that are not cleaned yet. */
    bronze: number;
    /** Silver objects that are not in gold yet. */
    silver: number;
    /** Age in seconds of the oldest object that is not in gold yet; 0 where all are. */
    lag_seconds: number;
  };
  /** How the files of a dataset have changed, newest first. */
  schemas: SchemaChange[];
  /** Rejected records by reason, in all datasets. */
  rejects: Record<string, number>;
  /** Bronze objects that are no input. */
  unrecognised: string[];
  /** The KPIs in gold and when each changed. */
  kpis: Record<string, { rows: number; updated_at: string }>;
  /** What the newest run of the checks found. */
  checks: LoggedCheck[];
}

/** Looks at all layers and at the warehouse; changes nothing. @throws IngotError of the storage or the warehouse */
export async function lakeStatus(lake: Lake, settings: Settings, now: Date): Promise<LakeStatus> {
  const pruned = new PrunedObjects(lake.silver, { now: () => now });
  const ingested = await readWarehouse(settings);
  const silver = await listAll(lake.silver.list());
  const schemas = [...silver.keys()].filter(isSchemaObject);
  for (const key of schemas) silver.delete(key);
  const bronze = await listAll(lake.bronze.list());
  const { datasets } = ingested;
  const isCleaned = async (key: string): Promise<boolean> =>
    silver.has(key) || (await pruned.find(key)) !== undefined;
  const unrecognised: string[] = [];
  const waitingBronze: ObjectInfo[] = [];
  for (const info of bronze.values()) {
    const dataset = datasetOfBronze(info.key);
    if (!dataset) unrecognised.push(info.key);
    else if (!(await isCleaned(silverKey(dataset, info.key)))) waitingBronze.push(info);
  }
  const waitingSilver: ObjectInfo[] = [];
  const addWaiting = (info: ObjectInfo, dataset: Dataset, metadata: ObjectMetadata): void => {
    waitingSilver.push(info);
    const counts = datasets[dataset.name]!;
    counts.objects += 1;
    addCounts(counts, countsFromMetadata(metadata));
  };
  for (const info of silver.values()) {
    const dataset = datasetOfSilver(info.key);
    if (dataset && !ingested.objects.has(info.key)) {
      addWaiting(info, dataset, (await lake.silver.stat(info.key))?.metadata ?? {});
    }
    const day = prunedDay(info.key);
    for (const source of (day && (await readDaySources(lake.silver, day))) ?? []) {
      const isWaiting = !silver.has(source.key) && !ingested.objects.has(source.key);
      if (isWaiting)
        addWaiting({ ...source, modified: info.modified }, DATASETS[day!.dataset], source.metadata);
    }
  }
  const total = noCounts();
  for (const dataset of Object.values(datasets)) addCounts(total, dataset);
  const { kpis } = await readManifest(lake.gold);
  const gold = await listAll(lake.gold.list());
  const quarantine = await listAll(lake.quarantine.list());
  return {
    lake: lake.url,
    layers: {
      bronze: { ...sizeOf(bronze), rows: total.read },
      silver: { ...sizeOf(silver), rows: total.kept },
      quarantine: { ...sizeOf(quarantine), rows: total.rejected },
      gold: { ...sizeOf(gold), rows: Object.values(kpis).reduce((sum, { rows }) => sum + rows, 0) },
    },
    datasets,
    backlog: {
      bronze: waitingBronze.length,
      silver: waitingSilver.length,
      lag_seconds: oldestAge([...waitingBronze, ...waitingSilver], now),
    },
    schemas: await schemaChanges(lake.silver, schemas),
    rejects: mostFrequentFirst(total.reasons),
    unrecognised,
    kpis: Object.fromEntries(
      Object.entries(kpis).map(([name, { rows, updated_at }]) => [name, { rows, updated_at }]),
    ),
    checks: await readChecks(lake.gold),
  };
}

function sizeOf(objects: ReadonlyMap<string, ObjectInfo>): { objects: number; bytes: number } {
  let bytes = 0;
  for (const { size } of objects.values()) bytes += size;
  return { objects: objects.size, bytes };
}

async function listAll(listing: AsyncIterable<ObjectInfo>): Promise<Map<string, ObjectInfo>> {
  const objects = new Map<string, ObjectInfo>();
  for await (const info of listing) objects.set(info.key, info);
  return objects;
}

/** What the warehouse has taken in; nothing where there is no warehouse here (yet). */
async function readWarehouse(settings: Settings) {
  const datasets: Record<string, DatasetStatus> = Object.fromEntries(
    Object.keys(DATASETS).map((name) => [name, { objects: 0, ...noCounts() }]),
  );
  if (!existsSync(warehouseFile(settings))) return { objects: new Map<string, unknown>(), datasets };
  const warehouse = openWarehouse(settings, () => undefined);
  try {
    const { rows } = await warehouse.query(
      `select dataset, coalesce(sum(read), 0), coalesce(sum(kept), 0), coalesce(sum(rejected), 0),
         coalesce(sum(duplicates), 0), count(*) from objects group by dataset`,
    );
    for (const [dataset, ...counts] of rows) {
      const [read = 0, kept = 0, rejected = 0, duplicates = 0, objects = 0] = counts.map(Number);
      Object.assign(datasets[String(dataset)] ?? {}, { read, kept, rejected, duplicates, objects });
    }
    const reasons = await warehouse.query(
      `select dataset, json_each.key, sum(json_each.value) from objects, json_each(reasons) group by 1, 2`,
    );
    for (const [dataset, reason, records] of reasons.rows) {
      const known = datasets[String(dataset)];
      if (known) known.reasons[String(reason)] = Number(records);
    }
    return { objects: await warehouse.ingestedObjects(), datasets };
  } finally {
    await warehouse.close();
  }
}

/** Seconds since the oldest of these objects came; 0 where there are none. */
function oldestAge(objects: readonly ObjectInfo[], now: Date): number {
  const oldest = objects.reduce((least, { modified }) => Math.min(least, modified.getTime()), now.getTime());
  return Math.round((now.getTime() - oldest) / 1000);
}

function mostFrequentFirst(reasons: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(reasons).sort(([, a], [, b]) => b - a));
}
