import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, type ObjectStore } from "@ingot/common";
import { csvLine, openDuckDb, sqlText } from "@ingot/engine";
import type { PipelineManifest } from "@ingot/engine/batch";
import { onTestFinished } from "vitest";
import { clockAt } from "../../aggregator/test/shop.ts";
import { METRIC_COLUMNS } from "../src/stores/metric-columns.ts";
import { createStoreView } from "../src/stores/store-view.ts";

/** A store's day, so far as figures are computed from it. */
export interface StoreDay {
  date: string;
  store: string;
  visitors: number | "";
  transactions: number;
  quantity: number;
  revenue: number;
  cost: number;
  /** Of visitors, in percent. */
  variation: number | "";
  best?: string;
}

const STORE_COLUMNS = ["store_id", "name", "location", "capacity", "opening_hour", "closing_hour"];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const decimals = (value: number): string => String(Math.round(value * 1e6) / 1e6);

/** A row of `store_daily_metrics.csv`; averages are the day's own figures. */
export function metricsRow(day: StoreDay): string[] {
  const { date, store, visitors, transactions, quantity, revenue, cost, variation, best = "Chaise_1" } = day;
  const per = (value: number, by: number | ""): string => (by === "" || by === 0 ? "" : decimals(value / by));
  const margin = revenue - cost;
  return [
    ...[
      date,
      WEEKDAYS[new Date(date).getUTCDay()]!,
      store,
      String(visitors),
      String(visitors || 0),
      String(variation),
    ],
    ...[String(transactions), String(transactions), "0", String(quantity), "p-1", best],
    ...[decimals(revenue), decimals(revenue), "0", decimals(cost), decimals(margin)],
    ...[per(100 * transactions, visitors), per(revenue, transactions), "0", per(revenue, visitors)],
    ...[per(margin, visitors), "10", "11"],
  ];
}

/** Publishes metrics as the pipeline does: files and their versions in history, the manifest last. */
export async function publishMetrics(
  gold: ObjectStore,
  days: readonly StoreDay[],
  stores: readonly (readonly string[])[],
  run = "20240601T115000Z-0001",
): Promise<string> {
  const metrics = [[...METRIC_COLUMNS], ...days.map(metricsRow)].map(csvLine).join("");
  const files = {
    "store_daily_metrics.csv": metrics,
    "stores.csv": [STORE_COLUMNS, ...stores].map(csvLine).join(""),
  };
  const described: Record<string, PipelineManifest["files"][string]> = {};
  for (const [name, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    const key = `retail-stores/history/${run}/${name}`;
    await gold.write(key, bytes);
    await gold.write(`retail-stores/latest/${name}`, bytes);
    described[name] = { key, sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
  }
  const manifest: PipelineManifest = {
    pipeline: "retail-stores",
    run,
    published_at: "2024-06-01T11:52:00.000Z",
    fingerprint: run,
    files: described,
  };
  await gold.write("retail-stores/latest/manifest.json", Buffer.from(JSON.stringify(manifest)));
  return metrics;
}

/** Writes the rows of a query as one of silver's Parquet objects. */
export async function putParquet(
  silver: ObjectStore,
  objects: Readonly<Record<string, string>>,
): Promise<void> {
  const duckDb = await openDuckDb({ threads: 1 });
  try {
    const file = path.join(duckDb.folder, "object.parquet");
    for (const [key, sql] of Object.entries(objects)) {
      await duckDb.run(`COPY (${sql}) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION zstd)`);
      await silver.write(key, readFileSync(file));
    }
  } finally {
    await duckDb.close();
  }
}

/** Gold and silver in a folder of their own, and the questions about what is there. @param now an instant */
export function emptyStores(now: string, timezone = "UTC") {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-stores-"));
  const [gold, silver] = [
    new FileStore(path.join(folder, "gold")),
    new FileStore(path.join(folder, "silver")),
  ];
  const stores = createStoreView({ gold, silver, timezone, clock: clockAt(now) });
  onTestFinished(async () => {
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { gold, silver, stores };
}
