import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  createLogger,
  type Lake,
  type LakeLocation,
  openLake,
  overriding,
  readAll,
  type S3Access,
  systemClock,
} from "@ingot/common";
import { csvFile, type Pipeline, type RunOptions, type RunOutcome, runPipeline } from "@ingot/engine/batch";

import { makeBucket } from "../../../common/test/storage/s3-server.ts";

/*
 * A small business whose sales are cut into days: what the runner does, without any real business's rules.
 */

const sqlFile = (name: string): URL => new URL(`./tables/${name}.sql`, import.meta.url);
const checkFile = (name: string): URL => new URL(`./tables/${name}.yml`, import.meta.url);

const items: Pipeline["tables"][number] = {
  kind: "source",
  name: "items",
  title: "the list of items",
  files: /^items/,
  example: "items.csv",
  merge: "all",
  fields: [{ name: "item", isRequired: true }, { name: "price" }],
  columns: { item: "VARCHAR", price: "DECIMAL(18, 2)" },
  unique: { columns: ["item"], keep: "last" },
  rule: () => (record) => {
    const [item, price] = record.values;
    if (item === undefined) return "missing_item";
    return price === undefined || Number.isNaN(Number(price)) ? "invalid_price" : [item, price];
  },
};

const sales: Pipeline["tables"][number] = {
  kind: "source",
  name: "sales",
  title: "the sales",
  files: /^sales/,
  example: "sales.csv",
  merge: "all",
  // A till's file takes the place of what the same till delivered before.
  deliveryOf: (key) => /till_\d+\.csv$/.exec(key)?.[0],
  fields: [{ name: "id", isRequired: true }, { name: "day" }, { name: "item" }, { name: "quantity" }],
  columns: { id: "VARCHAR", day: "DATE", item: "VARCHAR", quantity: "INTEGER" },
  unique: { columns: ["id"], keep: "last" },
  day: "day",
  from: ["items"],
  checks: checkFile("sales"),
  rule: async ({ valuesOf }) => {
    const known = await valuesOf("items", "item");
    return (record) => {
      const [id, day, item, quantity] = record.values;
      if (id === undefined && day === undefined) return undefined;
      if (id === undefined) return "missing_id";
      if (day === undefined || Number.isNaN(Date.parse(day))) return "invalid_day";
      if (item === undefined || !known.has(item)) return "unknown_item";
      return [id, day, item, quantity ?? null];
    };
  },
};

export const CORNER_SHOP: Pipeline = {
  name: "corner-shop",
  summary: "sales of a corner shop",
  periods: { kind: "day" },
  tables: [
    items,
    sales,
    { kind: "model", name: "day_totals", from: ["items", "sales"], sql: sqlFile("day_totals"), day: "day" },
    {
      kind: "model",
      name: "totals",
      from: ["day_totals"],
      sql: sqlFile("totals"),
      measures: { revenue: "select sum(revenue) from totals" },
    },
    {
      kind: "model",
      name: "runs",
      from: ["totals"],
      sql: sqlFile("runs"),
      history: { revenue: "DECIMAL(38, 2)", run_id: "VARCHAR" },
    },
  ],
  deliverables: [csvFile("totals"), csvFile("runs")],
  schedule: { retries: { most: 0, delayMs: 0 }, timeoutMs: 60_000 },
};

export interface TestLake extends AsyncDisposable {
  lake: Lake;
  put(key: string, text: string): Promise<void>;
  run(options?: Partial<RunOptions>, pipeline?: Pipeline): Promise<RunOutcome>;
  /** An object of a layer as text. */
  text(layer: "gold" | "quarantine", key: string): Promise<string>;
  keys(layer: "silver" | "quarantine" | "gold", prefix: string): Promise<string[]>;
}

/** A lake in a folder of its own, removed when it is disposed of. */
export async function openTestLake(): Promise<TestLake> {
  const folder = await mkdtemp(path.join(tmpdir(), "ingot-batch-"));
  return testLake({ url: pathToFileURL(`${folder}/`), buckets }, () =>
    rm(folder, { recursive: true, force: true }),
  );
}

/** The same in a bucket of its own. */
export async function openS3TestLake(access: S3Access): Promise<TestLake> {
  const { bucket, remove } = await makeBucket(access);
  return testLake({ url: new URL(`s3://${bucket}/lake`), buckets, s3: access }, remove);
}

const buckets = { bronze: "bronze", silver: "silver", quarantine: "quarantine", gold: "gold" };

async function testLake(location: LakeLocation, remove: () => Promise<void>): Promise<TestLake> {
  const opened = await openLake(location);
  // Nobody copies files into this lake bit by bit.
  const lake: Lake = { ...opened, bronze: overriding(opened.bronze, { settleMs: 0 }) };
  return {
    lake,
    put: async (key, text) => {
      await lake.bronze.write(key, Buffer.from(text));
    },
    run: (options = {}, pipeline = CORNER_SHOP) =>
      runPipeline(pipeline, {
        lake,
        clock: systemClock,
        logger: createLogger({ logLevel: "silent", logFormat: "json" }, "test"),
        signal: new AbortController().signal,
        trigger: "manual",
        goldHistory: 100,
        currency: "EUR",
        ...options,
      }),
    text: async (layer, key) => (await readAll(lake[layer], key)).toString("utf8"),
    keys: async (layer, prefix) =>
      (await Array.fromAsync(lake[layer].list({ prefix }))).map(({ key }) => key),
    [Symbol.asyncDispose]: async () => {
      await opened.close();
      await remove();
    },
  };
}
