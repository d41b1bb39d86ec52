import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  type Alarms,
  type Clock,
  createLogger,
  FileStore,
  formatUnits,
  type ObjectStore,
  readAll,
  systemClock,
} from "@ingot/common";
import { csvLine } from "@ingot/engine";
import { DATASETS, type DatasetName, ECOMMERCE, loadModels, type Manifest } from "@ingot/pipelines";
import { SqliteWarehouse } from "@ingot/warehouse";
import { type Aggregator, createAggregator } from "../src/index.ts";

/** A lake in a folder, with silver that tests write and gold that they read. */
export class Shop {
  readonly folder: string;
  readonly silver: ObjectStore;
  readonly gold: ObjectStore;
  readonly kpiFolder: string;

  constructor(folder: string = mkdtempSync(path.join(tmpdir(), "ingot-aggregator-"))) {
    this.folder = folder;
    this.silver = new FileStore(path.join(folder, "silver"));
    this.gold = new FileStore(path.join(folder, "gold"));
    this.kpiFolder = path.join(folder, "kpis");
    mkdirSync(this.kpiFolder, { recursive: true });
  }

  /** Writes a silver object as the cleaner does. Rows hold what a test cares about; the rest is filled in. */
  async put(
    dataset: DatasetName,
    name: string,
    rows: readonly Record<string, string | number>[],
  ): Promise<void> {
    const { silverColumns } = DATASETS[dataset];
    const lines = rows.map((row) => {
      const values: Record<string, string> = { ...DEFAULTS[dataset], ...textOf(row) };
      values.order_date ??= (values.order_ts ?? "").slice(0, 10);
      return csvLine(silverColumns.map((column) => values[column] ?? ""));
    });
    const body = Buffer.from([csvLine(silverColumns), ...lines].join(""));
    await this.silver.write(silverKey(dataset, name), body, { metadata: { read: String(rows.length) } });
  }

  /** An aggregator with a warehouse file of its own name, as a process of its own would have it. */
  async aggregator(given: AggregatorSettings = {}): Promise<Aggregator & { close(): Promise<void> }> {
    const { warehouse: name = "one", silver = this.silver, gold = this.gold, goldHistory = 100 } = given;
    const warehouse = SqliteWarehouse.open({
      file: path.join(this.folder, "warehouse", `${name}.sqlite`),
      lakeUrl: pathToFileURL(this.folder).href,
    });
    const aggregator = createAggregator({
      lake: { silver, gold },
      warehouse,
      loadModels: () => loadModels([...ECOMMERCE.models, this.kpiFolder]),
      goldHistory,
      goldRetentionDays: given.goldRetentionDays,
      clock: given.clock ?? systemClock,
      logger: createLogger({ logLevel: "silent", logFormat: "json" }, "aggregator"),
      alarms: given.alarms,
      isThorough: given.isThorough ?? true,
    });
    const close = async (): Promise<void> => {
      await aggregator.close();
      await warehouse.close();
    };
    return { ...aggregator, close };
  }

  /** One pass of an aggregator that starts for it and stops afterwards. */
  async passOnce(settings: AggregatorSettings = {}) {
    const aggregator = await this.aggregator(settings);
    try {
      return await aggregator.pass(new AbortController().signal);
    } finally {
      await aggregator.close();
    }
  }

  /** The files under `latest/` by KPI. */
  async latest(): Promise<Record<string, string>> {
    const files: Record<string, string> = {};
    for await (const { key } of this.gold.list({ prefix: "latest/" })) {
      if (key.endsWith(".csv")) files[path.basename(key, ".csv")] = await this.text(key);
    }
    return files;
  }

  async manifest(): Promise<Manifest> {
    return JSON.parse(await this.text("latest/manifest.json"));
  }

  async text(key: string): Promise<string> {
    return (await readAll(this.gold, key)).toString("utf8");
  }

  /** Keys of a KPI's history. */
  async versions(kpi: string): Promise<string[]> {
    return (await Array.fromAsync(this.gold.list({ prefix: `${kpi}/` }))).map(({ key }) => key);
  }

  /** Everything in gold with its ETag: equal where nothing was written. */
  async state(): Promise<string[]> {
    return (await Array.fromAsync(this.gold.list())).map(({ key, etag }) => `${key} ${etag}`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface AggregatorSettings {
  warehouse?: string;
  silver?: ObjectStore;
  gold?: ObjectStore;
  goldHistory?: number;
  goldRetentionDays?: number;
  clock?: Clock;
  alarms?: Alarms;
  isThorough?: boolean;
}

export const silverKey = (dataset: DatasetName, name: string): string =>
  `dt=2024-03-01/${dataset}_clean_${name}.csv`;

/** A clock that stands still. */
export const clockAt = (iso: string): Clock => ({ ...systemClock, now: () => new Date(iso) });

const DEFAULTS: Record<DatasetName, Record<string, string>> = {
  orders: {
    customer_id: "C1",
    product: "lamp",
    quantity: "1",
    unit_price: "10.0000",
    total_amount: "10.0000",
    order_ts: "2024-03-01T10:00:00.000000Z",
    channel: "web",
  },
  customers: { first_initial: "A", last_initial: "B", country: "France", signup_date: "2024-01-01" },
  clicks: { page: "/", ts: "2024-03-01T10:00:00.000000Z" },
};

/** Amounts may be given as numbers; texts stay as they are. */
function textOf(row: Record<string, string | number>): Record<string, string> {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === "number" ? formatUnits(Math.round(value * 10_000)) : value,
  ]);
  return Object.fromEntries(entries);
}
