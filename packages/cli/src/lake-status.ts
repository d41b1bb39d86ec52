import { existsSync } from "node:fs";
import { openWarehouse, warehouseFile } from "@ingot/aggregator";
import { type Lake, type ObjectInfo, type ObjectMetadata, readAll, type Settings } from "@ingot/common";
import { DATASETS, datasetOfBronze, datasetOfSilver, silverKey } from "@ingot/pipelines";

export interface DatasetStatus {
  /** Bronze objects that were cleaned. */
  objects: number;
  read: number;
  kept: number;
  rejected: number;
  duplicates: number;
  reasons: Record<string, number>;
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
  /** Rejected records by reason, in all datasets. */
  rejects: Record<string, number>;
  /** Bronze objects that are no input. */
  unrecognised: string[];
  /** The KPIs in gold and when each changed. */
  kpis: Record<string, { rows: number; updated_at: string }>;
}

/** Looks at all layers and at the warehouse; changes nothing. @throws IngotError of the storage or the warehouse */
export async function lakeStatus(lake: Lake, settings: Settings, now: Date): Promise<LakeStatus> {
  const ingested = await readWarehouse(settings);
  const silver = await listAll(lake.silver.list());
  const bronze = await listAll(lake.bronze.list());
  const waitingSilver = [...silver.values()].filter(
    ({ key }) => datasetOfSilver(key) && !ingested.keys.has(key),
  );
  const inputs = [...bronze.values()].filter(({ key }) => datasetOfBronze(key));
  const waitingBronze = inputs.filter(({ key }) => !silver.has(silverKey(datasetOfBronze(key)!, key)));
  const { datasets } = ingested;
  for (const { key } of waitingSilver) {
    const metadata = (await lake.silver.stat(key))?.metadata ?? {};
    addMetadata(datasets[datasetOfSilver(key)!.name]!, metadata);
  }
  const total = (name: "read" | "kept" | "rejected"): number =>
    Object.values(datasets).reduce((sum, dataset) => sum + dataset[name], 0);
  const oldest = Math.min(...[...waitingBronze, ...waitingSilver].map(({ modified }) => modified.getTime()));
  const kpis = await readKpis(lake);
  const gold = await listAll(lake.gold.list());
  const quarantine = await listAll(lake.quarantine.list());
  return {
    lake: lake.url,
    layers: {
      bronze: { ...sizeOf(bronze), rows: total("read") },
      silver: { ...sizeOf(silver), rows: total("kept") },
      quarantine: { ...sizeOf(quarantine), rows: total("rejected") },
      gold: { ...sizeOf(gold), rows: Object.values(kpis).reduce((sum, { rows }) => sum + rows, 0) },
    },
    datasets,
    backlog: {
      bronze: waitingBronze.length,
      silver: waitingSilver.length,
      lag_seconds: Number.isFinite(oldest) ? Math.max(0, Math.round((now.getTime() - oldest) / 1000)) : 0,
    },
    rejects: sumReasons(Object.values(datasets)),
    unrecognised: [...bronze.keys()].filter((key) => !datasetOfBronze(key)),
    kpis,
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
    Object.keys(DATASETS).map((name) => [
      name,
      { objects: 0, read: 0, kept: 0, rejected: 0, duplicates: 0, reasons: {} },
    ]),
  );
  if (!existsSync(warehouseFile(settings))) return { keys: new Set<string>(), datasets };
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
    return { keys: new Set((await warehouse.ingestedObjects()).keys()), datasets };
  } finally {
    await warehouse.close();
  }
}

function addMetadata(dataset: DatasetStatus, metadata: ObjectMetadata): void {
  dataset.objects += 1;
  for (const name of ["read", "kept", "rejected", "duplicates"] as const)
    dataset[name] += Number(metadata[name] ?? 0);
  for (const [reason, count] of Object.entries(JSON.parse(metadata.reasons ?? "{}"))) {
    dataset.reasons[reason] = (dataset.reasons[reason] ?? 0) + Number(count);
  }
}

/** Rejected records by reason, the most frequent first. */
function sumReasons(datasets: readonly DatasetStatus[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { reasons } of datasets) {
    for (const [reason, count] of Object.entries(reasons)) sums[reason] = (sums[reason] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(sums).sort(([, a], [, b]) => b - a));
}

async function readKpis(lake: Lake): Promise<LakeStatus["kpis"]> {
  if (!(await lake.gold.stat("latest/manifest.json"))) return {};
  const manifest = JSON.parse((await readAll(lake.gold, "latest/manifest.json")).toString("utf8"));
  const entries = Object.entries(manifest.kpis as Record<string, { rows: number; updated_at: string }>);
  return Object.fromEntries(entries.map(([name, { rows, updated_at }]) => [name, { rows, updated_at }]));
}
