import { readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, type FileStore, IngotError, type Logger, type ObjectStore } from "@ingot/common";
import { describe, expect, test } from "vitest";
import {
  type CompactionReport,
  createCompactor,
  PRUNED_AFTER_MS,
} from "../../../src/ecommerce/tables/index.ts";
import { PrunedObjects } from "../../../src/ecommerce/tables/pruned-objects.ts";
import { ask, order, standIn, type TestLake, temporaryLake, writeSilver } from "./silver-layer.ts";

const DAY = "2026-03-01";
const FOLDER = `orders/dt=${DAY}/`;
const PARQUET = `parquet/orders/dt=${DAY}/`;
const SILENT = { info: () => undefined } as unknown as Logger;
const NEVER = new AbortController().signal;
const SOON = 60_000;

const keyOf = (name: string): string => `${FOLDER}orders_clean_${name}.csv`;
const later = (): Date => new Date(Date.now() + PRUNED_AFTER_MS + SOON);
const clockAt = (now: Date): Clock => ({ now: () => now, sleep: async () => undefined });

async function pass(
  silver: ObjectStore,
  now = later(),
  csv: "keep" | "prune" = "prune",
): Promise<CompactionReport> {
  const options = { silver, quietMs: 0, csv, clock: clockAt(now), logger: SILENT };
  return createCompactor(options).pass(NEVER);
}

/** A day of two objects that is compacted and pruned. */
async function prunedLake(): Promise<TestLake> {
  const lake = temporaryLake();
  await writeSilver(lake.silver, "orders", keyOf("a"), [order("A1"), order("A2")]);
  await writeSilver(lake.silver, "orders", keyOf("b"), [order("B1", { product: 'say "hi",\nyou' })]);
  await pass(lake.silver);
  expect(await pass(lake.silver)).toMatchObject({ days: [], pruned: [{ objects: 2 }], failures: [] });
  return lake;
}

const csvKeys = async (silver: ObjectStore): Promise<string[]> =>
  (await Array.fromAsync(silver.list({ prefix: FOLDER }))).map(({ key }) => key);
const orders = async (lake: TestLake): Promise<unknown> =>
  (await ask(lake, "SELECT order_id FROM orders ORDER BY order_id")).flat();
const allOrders = ["A1", "A2", "B1"];

describe("pruning a lake's finished days", () => {
  test("deletes CSV objects once their Parquet file is an hour old, and changes no answer", async () => {
    const lake = temporaryLake();
    await writeSilver(lake.silver, "orders", keyOf("a"), [order("A1")]);
    await writeSilver(lake.silver, "orders", keyOf("empty"), []);
    expect(await pass(lake.silver, new Date())).toMatchObject({
      days: [{ objects: 2 }],
      pruned: [],
      unpruned: 2,
    });
    expect(await pass(lake.silver, new Date())).toMatchObject({ days: [], pruned: [], unpruned: 2 });
    expect(await pass(lake.silver, later(), "keep")).toMatchObject({ days: [], pruned: [], upToDate: 1 });
    expect(await csvKeys(lake.silver)).toHaveLength(2);
    expect(await pass(lake.silver)).toMatchObject({
      days: [],
      upToDate: 1,
      pruned: [{ objects: 2, kept: [] }],
    });
    expect(await csvKeys(lake.silver)).toEqual([]);
    expect(await orders(lake)).toEqual(["A1"]);
    expect(await pass(lake.silver)).toMatchObject({ days: [], upToDate: 1, pruned: [], unpruned: 0 });
    expect(await pass(lake.silver, later(), "keep")).toMatchObject({ days: [], upToDate: 1 });
  });

  test("keeps what cannot be made again to the byte", async () => {
    const lake = temporaryLake();
    await writeSilver(lake.silver, "orders", keyOf("a"), [order("A1")]);
    const quoted = (await Array.fromAsync((await lake.silver.read(keyOf("a"))).body)).join("");
    await lake.silver.write(keyOf("b"), Buffer.from(quoted.replace("A1", '"B1"')));
    await pass(lake.silver);
    const options = {
      silver: lake.silver,
      quietMs: 0,
      csv: "prune",
      clock: clockAt(later()),
      logger: SILENT,
    } as const;
    const compactor = createCompactor(options);
    expect(await compactor.pass(NEVER)).toMatchObject({
      pruned: [{ objects: 1, kept: [{ key: keyOf("b") }] }],
    });
    expect(await compactor.pass(NEVER)).toMatchObject({ pruned: [], days: [], upToDate: 1 });
    expect(await csvKeys(lake.silver)).toEqual([keyOf("b")]);
    expect(await orders(lake)).toEqual(["A1", "B1"]);
  });

  test("takes in what came late to a pruned day", async () => {
    const lake = await prunedLake();
    await writeSilver(lake.silver, "orders", keyOf("late"), [order("L1")]);
    expect(await orders(lake)).toEqual([...allOrders, "L1"]);
    expect((await pass(lake.silver, new Date(), "keep")).days).toMatchObject([{ objects: 3, rows: 4 }]);
    expect(await pass(lake.silver, later(), "keep")).toMatchObject({ days: [], upToDate: 1 });
    expect((await pass(lake.silver)).pruned).toMatchObject([{ objects: 1 }]);
    expect(await orders(lake)).toEqual([...allOrders, "L1"]);
  });

  test("an object that was cleaned again counts before what was pruned", async () => {
    const lake = await prunedLake();
    await writeSilver(lake.silver, "orders", keyOf("a"), [order("A1"), order("A3")]);
    expect(await orders(lake)).toEqual(["A1", "A3", "B1"]);
    expect((await pass(lake.silver)).days).toMatchObject([{ objects: 2, rows: 3 }]);
    expect((await pass(lake.silver)).pruned).toMatchObject([{ objects: 1 }]);
    expect(await orders(lake)).toEqual(["A1", "A3", "B1"]);
  });

  test("an object that is written again while its day is pruned stays", async () => {
    const lake = temporaryLake();
    await writeSilver(lake.silver, "orders", keyOf("a"), [order("A1")]);
    await writeSilver(lake.silver, "orders", keyOf("b"), [order("B1")]);
    await pass(lake.silver);
    const changing = standIn(lake.silver, {
      write: async (key, ...rest) => {
        if (key.endsWith("_pruned")) await writeSilver(lake.silver, "orders", keyOf("b"), [order("B2")]);
        return lake.silver.write(key, ...rest);
      },
    });
    expect((await pass(changing)).pruned).toMatchObject([{ objects: 1 }]);
    expect(await csvKeys(lake.silver)).toEqual([keyOf("b")]);
    expect(await orders(lake)).toEqual(["A1", "B2"]);
  });

  test("deletes nothing of a day whose Parquet file somebody writes meanwhile", async () => {
    const lake = temporaryLake();
    await writeSilver(lake.silver, "orders", keyOf("a"), [order("A1")]);
    await pass(lake.silver);
    const key = `${PARQUET}orders.parquet`;
    let looks = 0;
    const changing = standIn(lake.silver, {
      stat: async (asked) => {
        const found = await lake.silver.stat(asked);
        if (asked !== key || ++looks < 3) return found;
        return { ...found!, etag: "another" };
      },
    });
    expect((await pass(changing)).failures).toMatchObject([{ error: { code: "object_changed" } }]);
    expect(await csvKeys(lake.silver)).toEqual([keyOf("a")]);
  });

  test("who may not delete compacts all the same, and says so once", async () => {
    const lake = await prunedLake();
    await writeSilver(lake.silver, "orders", `orders/dt=2026-02-01/orders_clean_a.csv`, [order("F1")]);
    await writeSilver(lake.silver, "orders", `orders/dt=2026-02-02/orders_clean_a.csv`, [order("F2")]);
    await pass(lake.silver, new Date());
    await writeSilver(lake.silver, "orders", keyOf("late"), [order("L1")]);
    const denied = standIn(lake.silver, {
      delete: async () => {
        throw new IngotError("storage_denied", "no");
      },
    });
    const report = await pass(denied);
    expect(report.days).toMatchObject([{ rows: 4 }]);
    expect(report.failures).toMatchObject([{ error: { code: "storage_denied" } }]);
    expect(await orders(lake)).toEqual([...allOrders, "F1", "F2", "L1"]);
  });
});

describe("what a pruned day depends on", () => {
  const folderOf = (silver: FileStore): string => path.join(fileURLToPath(silver.url), PARQUET);

  test("without its Parquet file nobody answers, and nothing takes its place", async () => {
    const lake = await prunedLake();
    rmSync(path.join(folderOf(lake.silver), "orders.parquet"));
    const lost = { code: "silver_incomplete", message: expect.stringContaining("rebuild --from bronze") };
    await expect(ask(lake, "FROM orders")).rejects.toMatchObject(lost);
    await writeSilver(lake.silver, "orders", keyOf("late"), [order("L1")]);
    expect((await pass(lake.silver)).failures).toMatchObject([{ error: lost }]);
    expect(readdirSync(folderOf(lake.silver))).not.toContain("orders.parquet");
    // Cleaned again from bronze.
    await writeSilver(lake.silver, "orders", keyOf("a"), [order("A1"), order("A2")]);
    await writeSilver(lake.silver, "orders", keyOf("b"), [order("B1")]);
    expect(await pass(lake.silver)).toMatchObject({ failures: [], days: [{ rows: 4 }] });
    expect(await orders(lake)).toEqual([...allOrders, "L1"]);
  });

  test.each(["missing", "damaged"])(
    "with its list %s, what is not in CSV is not compacted again",
    async (state) => {
      const lake = await prunedLake();
      const list = path.join(folderOf(lake.silver), "_sources.json.gz");
      if (state === "missing") rmSync(list);
      else writeFileSync(list, "no gzip");
      expect(await orders(lake)).toEqual(allOrders);
      await writeSilver(lake.silver, "orders", keyOf("late"), [order("L1")]);
      expect((await pass(lake.silver)).failures).toMatchObject([
        { error: { code: "silver_incomplete", message: expect.stringContaining("_sources.json.gz") } },
      ]);
      expect(await orders(lake)).toEqual([...allOrders, "L1"]);
    },
  );
});

describe("the record of pruned objects", () => {
  const find = (silver: ObjectStore, name: string, onInvalid?: (text: string) => void) =>
    new PrunedObjects(silver, clockAt(new Date()), onInvalid).find(keyOf(name));

  test("tells of an object what its metadata told, and nothing of others", async () => {
    const lake = temporaryLake();
    const { silver } = lake;
    await writeSilver(silver, "orders", keyOf("a"), [order("A1")]);
    const before = await silver.stat(keyOf("a"));
    await pass(silver);
    expect(await find(silver, "a")).toBeUndefined();
    await pass(silver);
    const { key, etag, size, metadata } = before!;
    expect(await find(silver, "a")).toMatchObject({ key, etag, size, metadata, rows: 1 });
    expect(await find(silver, "b")).toBeUndefined();
  });

  test("asks the storage once for many objects of a day, and not at all for a day that is not over", async () => {
    const lake = await prunedLake();
    let asked = 0;
    const counting = standIn(lake.silver, {
      stat: (key) => {
        asked += 1;
        return lake.silver.stat(key);
      },
    });
    const objects = new PrunedObjects(counting, clockAt(new Date()));
    for (let at = 0; at < 100; at += 1) await objects.find(keyOf(`x${at}`));
    expect(asked).toBe(2);
    const early = new PrunedObjects(counting, clockAt(new Date(`${DAY}T23:59:59Z`)));
    expect(await early.find(keyOf("a"))).toBeUndefined();
    expect(asked).toBe(2);
  });

  test("a list that cannot be read is told of, and hides nothing that would have to be cleaned", async () => {
    const lake = await prunedLake();
    await lake.silver.write(`${PARQUET}_sources.json.gz`, Buffer.from("no gzip"));
    const told: string[] = [];
    expect(await find(lake.silver, "a", (text) => told.push(text))).toBeUndefined();
    expect(told).toMatchObject([expect.stringContaining("_sources.json.gz cannot be read")]);
  });
});
