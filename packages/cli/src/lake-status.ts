import { existsSync } from "node:fs";
import { inParallel, type Lake, type Settings } from "@ingot/common";
import {
  addCounts,
  batchPipelines,
  type CleanCounts,
  countsFromMetadata,
  DATASETS,
  LakeSurvey,
  LayerCount,
  type LayerSize,
  type LoggedCheck,
  noCounts,
  readChecks,
  readManifest,
  type SchemaChange,
  schemaChanges,
} from "@ingot/pipelines";
import { openWarehouse, warehouseFile } from "@ingot/warehouse";
import type { BatchStatus } from "./batch/batch-status.ts";

/** Pipelines looked at at the same time. */
const PARALLEL = 4;

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
  /** The pipelines that work in batches and have anything in the lake; all else is about the e-commerce pipeline alone. */
  pipelines: Record<string, BatchStatus>;
}

/** Looks at all layers and at the warehouse; changes nothing. @throws IngotError of the storage or the warehouse */
export async function lakeStatus(lake: Lake, settings: Settings, now: Date): Promise<LakeStatus> {
  const { datasets, objects } = await readWarehouse(settings);
  const survey = new LakeSurvey(lake, { inGold: () => objects, clock: { now: () => now } });
  await survey.look();
  for (const [key, { dataset, metadata }] of survey.silver) {
    const counts = datasets[dataset.name]!;
    counts.objects += 1;
    addCounts(counts, countsFromMetadata(metadata ?? (await lake.silver.stat(key))?.metadata ?? {}));
  }
  const total = noCounts();
  for (const dataset of Object.values(datasets)) addCounts(total, dataset);
  const { kpis } = await readManifest(lake.gold);
  const gold = new LayerCount(lake.gold);
  for await (const _ of gold.all());
  const { bronze, silver, quarantine } = survey.layers;
  const oldest = survey.oldest("bronze", "silver") ?? now;
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
      bronze: survey.bronze.size,
      silver: survey.silver.size,
      lag_seconds: secondsBetween(oldest, now),
    },
    schemas: await schemaChanges(lake.silver, survey.schemas),
    rejects: mostFrequentFirst(total.reasons),
    unrecognised: survey.unrecognised,
    kpis: Object.fromEntries(
      Object.entries(kpis).map(([name, { rows, updated_at }]) => [name, { rows, updated_at }]),
    ),
    checks: await readChecks(lake.gold),
    pipelines: await batchStatuses(lake),
  };
}

async function batchStatuses(lake: Lake): Promise<LakeStatus["pipelines"]> {
  const names = await inParallel(batchPipelines(), PARALLEL, async (name) =>
    (await hasAnything(lake, name)) ? [name] : [],
  );
  if (names.flat().length === 0) return {};
  // Loaded here only: what runs pipelines is large.
  const { batchStatus } = await import("./batch/batch-status.ts");
  const found = await inParallel(names.flat(), PARALLEL, async (name) => [
    name,
    await batchStatus(lake, name),
  ]);
  return Object.fromEntries(found);
}

async function hasAnything(lake: Lake, pipeline: string): Promise<boolean> {
  for (const layer of ["bronze", "gold", "quarantine"] as const)
    for await (const _ of lake[layer].list({ prefix: `${pipeline}/` })) return true;
  return false;
}

const sizeOf = ({ objects, bytes }: LayerSize) => ({ objects, bytes });

/** 0 where `from` is in the future: clocks differ. */
const secondsBetween = (from: Date, now: Date): number =>
  Math.max(0, Math.round((now.getTime() - from.getTime()) / 1000));

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

function mostFrequentFirst(reasons: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(reasons).sort(([, a], [, b]) => b - a));
}
