import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { createLogger, FileStore, NO_ALARMS, type ObjectStore, systemClock } from "@ingot/common";
import {
  DATASETS,
  type DatasetName,
  datasetOfSilver,
  ECOMMERCE,
  type LoadedModels,
  loadModels,
} from "@ingot/pipelines";
import { type SilverObject, SqliteWarehouse, type Warehouse } from "@ingot/warehouse";
import { createAggregator } from "../../../services/aggregator/src/aggregator.ts";
import { createQuality } from "../../../services/aggregator/src/quality/quality.ts";
import { SilverIntake } from "../../../services/aggregator/src/silver-intake.ts";
import { SyntheticShop, type Tick } from "./shop.ts";

/*
 * process.ts history LAKE ORDERS [DATASET …]   writes the silver of so many orders; of customers and orders, or of these
 * process.ts rebuild LAKE ORDERS   fills the warehouse from it
 * process.ts ticks LAKE ORDERS {"warmUp":…,"ticks":…,"passes":…,"pauseMs":…,"shown":…}
 *
 * Each is a process of its own, so that its memory is its own. It answers in JSON.
 */

const ROWS_PER_OBJECT = 50_000;

export interface Rebuilt {
  seconds: number;
  orders: number;
}

export interface TickPlan {
  /** Ticks before those that count: a service that runs is warm. */
  warmUp: number;
  ticks: number;
  /** Whole passes over the lake that follow, of which the first one, which sees all of it, does not count. */
  passes: number;
  /** Between two ticks, which a service spends waiting. */
  pauseMs: number;
  /** Gold is shown as it is after so many ticks, to be compared. */
  shown: number;
}

export interface Ticked {
  openMs: number;
  /** From the bytes of new silver objects to the bytes of gold. */
  tickMs: number[];
  passMs: number[];
  /** `revenue_by_country` as it was after `shown` ticks. */
  gold: string;
}

const fileOf = (lake: string): string => path.join(lake, "warehouse", "ecommerce.sqlite");
const open = (lake: string): SqliteWarehouse =>
  SqliteWarehouse.open({ file: fileOf(lake), lakeUrl: "the lake around it" });

function writeHistory(lake: string, shop: SyntheticShop, datasets: readonly DatasetName[]): void {
  for (const dataset of datasets) {
    const folder = path.join(lake, "silver", dataset, "dt=2025-12-31");
    mkdirSync(folder, { recursive: true });
    for (let from = 0; from < shop[dataset]; from += ROWS_PER_OBJECT) {
      const name = `${dataset}_clean_${String(from).padStart(9, "0")}.csv`;
      const file = openSync(path.join(folder, name), "w");
      const to = Math.min(from + ROWS_PER_OBJECT, shop[dataset]);
      for (const piece of shop.history(dataset, from, to)) writeSync(file, piece);
      closeSync(file);
    }
  }
}

async function rebuild(lake: string): Promise<Rebuilt> {
  const silver = new FileStore(path.join(lake, "silver"));
  const start = performance.now();
  const intake = new SilverIntake(silver);
  const objects = [];
  for await (const info of silver.list()) {
    const dataset = datasetOfSilver(info.key);
    if (dataset) objects.push(intake.object({ info, dataset }));
  }
  const warehouse = open(lake);
  const { failed } = await warehouse.rebuild(objects);
  if (failed.length > 0) throw failed[0]!.error;
  const seconds = (performance.now() - start) / 1000;
  const { rows } = await warehouse.query("select sum(orders) from sales_by_day");
  await warehouse.close();
  return { seconds, orders: Number(rows[0]![0]) };
}

async function runTicks(lake: string, shop: SyntheticShop, plan: TickPlan): Promise<Ticked> {
  const start = performance.now();
  const warehouse = open(lake);
  await warehouse.revision();
  const openMs = performance.now() - start;
  const kpis = await loadModels(ECOMMERCE.models);
  try {
    const { tickMs, gold } = await timeTicks(warehouse, lake, shop, kpis, plan);
    return { openMs, tickMs, gold, passMs: await timePasses(warehouse, lake, shop, kpis, plan) };
  } finally {
    await warehouse.close();
  }
}

/** Everything between two storages: rows from bytes, the step of the warehouse, the KPIs, their files' bytes, the checks. */
async function timeTicks(
  warehouse: Warehouse,
  lake: string,
  shop: SyntheticShop,
  models: LoadedModels,
  plan: TickPlan,
): Promise<{ tickMs: number[]; gold: string }> {
  const gold = new FileStore(path.join(lake, "gold"));
  const options = { lake: { gold }, warehouse, goldHistory: 100, clock: systemClock, alarms: NO_ALARMS };
  const quality = createQuality(options);
  const tickMs: number[] = [];
  let shown = "";
  for (let tick = 0; tick < plan.warmUp + plan.ticks; tick++) {
    const objects = objectsOf(tick, shop.tick(tick));
    const start = performance.now();
    const { ingested } = await warehouse.ingest(objects);
    const { rendered, broken, stopping } = await quality.assess(models);
    const ms = performance.now() - start;
    if (ingested.length !== objects.length || broken.length + stopping.length > 0)
      throw new Error(`tick ${tick} is not in gold`);
    if (tick >= plan.warmUp) tickMs.push(ms);
    if (tick === plan.shown - 1)
      shown = rendered.find(({ name }) => name === "revenue_by_country")!.bytes.toString();
    await setTimeout(plan.pauseMs);
  }
  await quality.close();
  return { tickMs, gold: shown };
}

/** The same as a service does it, from one folder to another. */
async function timePasses(
  warehouse: Warehouse,
  lake: string,
  shop: SyntheticShop,
  kpis: LoadedModels,
  plan: TickPlan,
): Promise<number[]> {
  const silver = new FileStore(path.join(lake, "silver"));
  const aggregator = createAggregator({
    lake: { silver, gold: new FileStore(path.join(lake, "gold")) },
    warehouse,
    loadModels: async () => kpis,
    goldHistory: 100,
    clock: systemClock,
    logger: createLogger({ logLevel: "silent", logFormat: "json" }, "aggregator"),
  });
  const passMs: number[] = [];
  for (let pass = 0; pass < plan.passes; pass++) {
    const tick = plan.warmUp + plan.ticks + pass;
    for (const [dataset, text] of Object.entries(shop.tick(tick)))
      await silver.write(keyOf(dataset, tick), Buffer.from(text), { metadata: { read: "200" } });
    const start = performance.now();
    const { objects, failures } = await aggregator.pass(new AbortController().signal);
    if (pass > 0) passMs.push(performance.now() - start);
    if (objects !== 3 || failures.length > 0) throw new Error(`pass ${pass} took ${objects} objects in`);
    await setTimeout(plan.pauseMs);
  }
  return passMs;
}

const keyOf = (dataset: string, tick: number): string =>
  `${dataset}/dt=2026-01-01/${dataset}_clean_${String(tick).padStart(9, "0")}.csv`;

function objectsOf(tick: number, texts: Tick): SilverObject[] {
  return Object.values(DATASETS).map((dataset) => {
    const body = Buffer.from(texts[dataset.name]);
    const info = { key: keyOf(dataset.name, tick), size: body.length, etag: "1", modified: new Date(0) };
    const read: ObjectStore["read"] = async () => ({
      ...info,
      metadata: {},
      body: (async function* () {
        yield body;
      })(),
    });
    return new SilverIntake({ read } as ObjectStore).object({ info, dataset });
  });
}

const [mode, lake = "", orders, ...more] = process.argv.slice(2);
const shop = new SyntheticShop(Number(orders));
if (mode === "history")
  writeHistory(lake, shop, more.length > 0 ? (more as DatasetName[]) : ["customers", "orders"]);
else if (mode === "rebuild") console.info(JSON.stringify(await rebuild(lake)));
else console.info(JSON.stringify(await runTicks(lake, shop, JSON.parse(more[0]!))));
