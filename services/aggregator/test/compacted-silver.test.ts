import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createLogger, type ObjectStore, systemClock } from "@ingot/common";
import { csvLine } from "@ingot/engine";
import { DATASETS } from "@ingot/pipelines";
import { createCompactor, PRUNED_AFTER_MS } from "@ingot/pipelines/tables";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { clockAt, Shop } from "./shop.ts";

const DAY = "2024-03-01";
const PARQUET = `silver/parquet/orders/dt=${DAY}/orders.parquet`;
const OBJECTS = 70;
const logger = createLogger({ logLevel: "silent", logFormat: "json" }, "test");

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
  onTestFinished(() => shop.remove());
});

const keyOf = (at: number): string => `orders/dt=${DAY}/orders_clean_${String(at).padStart(3, "0")}.csv`;

async function putOrder(at: number, total = at + 1): Promise<void> {
  const row = [`O${at}`, "C1", "lamp", "1", "", `${total}.0000`, `${DAY}T10:00:00.000000Z`, DAY, "web"];
  const text = csvLine(DATASETS.orders.silverColumns) + csvLine(row);
  await shop.silver.write(keyOf(at), Buffer.from(text), {
    metadata: { kept: "1", read: "30", rejected: "2" },
  });
}

async function compact(csv: "keep" | "prune" = "keep"): Promise<void> {
  const clock = clockAt(new Date(Date.now() + 2 * PRUNED_AFTER_MS).toISOString());
  const compactor = createCompactor({ silver: shop.silver, quietMs: 0, csv, clock, logger });
  const report = await compactor.pass(new AbortController().signal);
  expect(report.failures).toEqual([]);
}

/** Fills a warehouse anew. @returns how many CSV objects were read, and what gold says */
async function rebuilt(): Promise<{ csvRead: number; aov: string | undefined; failures: unknown }> {
  let csvRead = 0;
  const { silver } = shop;
  const watched: ObjectStore = {
    url: silver.url,
    settleMs: 0,
    list: (options) => silver.list(options),
    stat: (key) => silver.stat(key),
    write: (...written) => silver.write(...written),
    delete: (key) => silver.delete(key),
    read: (key) => {
      if (key.endsWith(".csv")) csvRead += 1;
      return silver.read(key);
    },
  };
  const aggregator = await shop.aggregator({ silver: watched, clock: systemClock });
  try {
    const { failures } = await aggregator.rebuild();
    return { csvRead, aov: (await shop.latest()).aov?.split("\n")[1], failures };
  } finally {
    await aggregator.close();
  }
}

describe("a warehouse that is filled anew from compacted days", () => {
  beforeEach(async () => {
    for (let at = 0; at < OBJECTS; at += 1) await putOrder(at);
  });
  const aov = `${OBJECTS},${(OBJECTS * (OBJECTS + 1)) / 2}.00,35.50`;

  test("reads one file instead of many small objects", async () => {
    expect(await rebuilt()).toMatchObject({ csvRead: OBJECTS, aov });
    const before = await shop.state();
    await compact();
    expect(await rebuilt()).toMatchObject({ csvRead: 0, aov });
    expect(await shop.state()).toEqual(before);
  });

  test("reads as CSV what changed since, and all where the file is damaged", async () => {
    await compact();
    await putOrder(1, 102);
    await putOrder(OBJECTS, 1);
    const changed = `${OBJECTS + 1},${(OBJECTS * (OBJECTS + 1)) / 2 + 101}.00,36.42`;
    expect(await rebuilt()).toMatchObject({ csvRead: 2, aov: changed });
    writeFileSync(path.join(shop.folder, PARQUET), "damaged");
    expect(await rebuilt()).toMatchObject({ csvRead: OBJECTS + 1, aov: changed });
  });

  test("knows of pruned objects what it knew of their CSV", async () => {
    await shop.passOnce();
    const before = await shop.state();
    await compact();
    await compact("prune");
    expect(await Array.fromAsync(shop.silver.list({ prefix: "orders/" }))).toEqual([]);
    // Nothing is new for the warehouse that has them; another one takes them in.
    expect(await shop.passOnce()).toMatchObject({ objects: 0, failures: [] });
    expect(await shop.passOnce({ warehouse: "two" })).toMatchObject({ objects: OBJECTS, failures: [] });
    expect(await shop.passOnce({ warehouse: "two" })).toMatchObject({ objects: 0, failures: [] });
    expect(await rebuilt()).toMatchObject({ csvRead: 0, aov });
    expect(await shop.state()).toEqual(before);
    // One that is cleaned again in another way counts, in both.
    await putOrder(0, 11);
    const changed = `${OBJECTS},${(OBJECTS * (OBJECTS + 1)) / 2 + 10}.00,35.64`;
    for (const warehouse of ["one", "two"]) {
      await shop.passOnce({ warehouse });
      expect((await shop.latest()).aov?.split("\n")[1]).toBe(changed);
    }
  });

  test("keeps what it has, and gold, where the file with pruned rows is missing", async () => {
    await shop.passOnce();
    const before = await shop.state();
    await compact();
    await compact("prune");
    rmSync(path.join(shop.folder, PARQUET));
    const missing = { code: "silver_incomplete", message: expect.stringContaining("orders.parquet") };
    await expect(rebuilt()).rejects.toMatchObject(missing);
    expect(await shop.passOnce()).toMatchObject({ objects: 0, failures: [] });
    expect(await shop.state()).toEqual(before);
  });

  test("goes on where a list of pruned objects is damaged", async () => {
    await shop.passOnce();
    await compact();
    await compact("prune");
    writeFileSync(path.join(shop.folder, path.dirname(PARQUET), "_sources.json.gz"), "no gzip");
    await putOrder(OBJECTS);
    expect(await shop.passOnce()).toMatchObject({ objects: 1, failures: [] });
    await expect(rebuilt()).rejects.toMatchObject({ code: "silver_invalid" });
  });
});
