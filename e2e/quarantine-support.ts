import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  inParallel,
  type Lake as Layers,
  lakeLocation,
  openLake,
  readAll,
  readSettings,
} from "@ingot/common";
import {
  countsFromMetadata,
  countsToMetadata,
  DATASETS,
  datasetOfBronze,
  quarantineKey,
  silverKey,
} from "@ingot/pipelines";
import { expect } from "vitest";
import { ingotWith } from "./query-support.ts";
import { type Finished, type Lake, lakeTemplate, temporaryLake } from "./support.ts";

/** A reason that no rule gives any more. */
export const OLD_REASON = "old_rule";
/** Rows that the old rule rejected in each object. */
export const OLD_REJECTS = 2;

const PARALLEL = 8;

export type Env = Record<string, string>;

/** Lets `use` see the layers of a lake as services do. */
export async function withLayers<T>(env: Env, use: (layers: Layers) => Promise<T>): Promise<T> {
  const layers = await openLake(lakeLocation(readSettings({ flags: {}, env })));
  try {
    return await use(layers);
  } finally {
    await layers.close();
  }
}

/**
 * Leaves a cleaned lake as an earlier version would have whose rule for orders was stricter: some clean rows are not in
 * silver but in quarantine, and the counts say so.
 */
export function asByEarlierRule(env: Env): Promise<number> {
  return withLayers(env, async ({ bronze, silver, quarantine }) => {
    const keys = (await Array.fromAsync(bronze.list())).map(({ key }) => key);
    const orders = keys.filter((key) => datasetOfBronze(key)?.name === "orders");
    await inParallel(orders, PARALLEL, async (key) => {
      const target = silverKey(DATASETS.orders, key);
      const { metadata } = (await silver.stat(target))!;
      const [header, ...rows] = (await readAll(silver, target)).toString("utf8").trimEnd().split("\n");
      const { read = 0, kept = 0, rejected = 0, duplicates = 0, reasons } = countsFromMetadata(metadata);
      const counts = {
        read,
        kept: kept - OLD_REJECTS,
        rejected: rejected + OLD_REJECTS,
        duplicates,
        reasons: { ...reasons, [OLD_REASON]: OLD_REJECTS },
      };
      const rejects = rows
        .slice(0, OLD_REJECTS)
        .map((raw, index) => `${JSON.stringify({ source_key: key, index, reason: OLD_REASON, raw })}\n`);
      const before = rejected > 0 ? await readAll(quarantine, quarantineKey(key)) : "";
      await quarantine.write(quarantineKey(key), Buffer.from(`${before}${rejects.join("")}`));
      const left = [header, ...rows.slice(OLD_REJECTS)].map((row) => `${row}\n`).join("");
      await silver.write(target, Buffer.from(left), {
        metadata: { ...metadata, ...countsToMetadata(counts) },
      });
    });
    return orders.length;
  });
}

/** The texts of a layer's objects by key; Parquet files and schemas left out. */
export function textsOf(
  env: Env,
  layer: "bronze" | "silver" | "quarantine" | "gold",
): Promise<Record<string, string>> {
  return withLayers(env, async (layers) => {
    const keys = (await Array.fromAsync(layers[layer].list())).map(({ key }) => key);
    const csv = keys.filter((key) => !/^(?:parquet|_schemas)\//.test(key));
    const texts = await inParallel(csv, PARALLEL, async (key) => {
      return [key, (await readAll(layers[layer], key)).toString("utf8")] as const;
    });
    return Object.fromEntries(texts);
  });
}

export const TICKS = 3;
const SHOP = ["generate", "--ticks", String(TICKS), "--seed", "12", "--rows", "60", "--faults", "0.03"];

export interface Shop {
  lake: Lake;
  env: Env;
  /** Runs `ingot`, whatever comes of it. */
  ask(...args: string[]): Promise<Finished>;
  /** Runs `ingot`, which has to succeed. */
  run(...args: string[]): Promise<string>;
  list(...args: string[]): Promise<Listing>;
}

export interface Listing {
  totals: { dataset: string; reason: string; records: number; objects: number }[];
  objects: { bronze_key: string; quarantine_key: string; read: number; rejected: number; reasons: Env }[];
}

export function emptyShop(env: Env = {}, lake = temporaryLake()): Shop {
  const all = { LAKE_URL: lake.folder, LOG_FORMAT: "json", ...env };
  const ask = (...args: string[]) => ingotWith(args, { cwd: lake.folder, env: all });
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await ask(...args);
    expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
    return stdout;
  };
  const list = async (...args: string[]) =>
    JSON.parse(await run("quarantine", "list", "--json", ...args)) as Listing;
  return { lake, env: all, ask, run, list };
}

/** A shop of some hours, with its faults, cleaned. */
export async function shop(env: Env = {}): Promise<Shop> {
  const made = emptyShop(env);
  await fill(made);
  return made;
}

async function fill({ run }: Shop): Promise<void> {
  await run(...SHOP);
  await run("clean", "--once");
}

/** The same on a folder, made once for a file's tests; each call gives a copy. */
export function shopTemplate(): () => Shop {
  const copy = lakeTemplate((lake) => fill(emptyShop({}, lake)), 30_000);
  return () => emptyShop({}, copy());
}

export function drop({ lake }: Shop, key: string, content: string): void {
  mkdirSync(path.dirname(path.join(lake.bronze, key)), { recursive: true });
  writeFileSync(path.join(lake.bronze, key), content);
}

export const order = (id: string, ts = "2026-01-01"): Record<string, unknown> => ({
  order_id: id,
  customer_id: "c1",
  product: "Tea",
  total_amount: 5,
  order_ts: ts,
});
