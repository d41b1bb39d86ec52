import { rmSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createLogger } from "@ingot/common";
import { readChecks } from "@ingot/pipelines";
import { createCompactor, PRUNED_AFTER_MS } from "@ingot/pipelines/tables";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Aggregator } from "../src/index.ts";
import { clockAt, Shop, silverKey } from "./shop.ts";

let shop: Shop;
let aggregator: Aggregator;
const { signal } = new AbortController();

beforeEach(async () => {
  shop = new Shop();
  onTestFinished(() => shop.remove());
  const ts = (minute: number) => `2024-03-01T10:0${minute}:00.000000Z`;
  await shop.put("orders", "1", [
    { order_id: "O1", total_amount: 10.1 },
    { order_id: "O2", total_amount: 20.2, order_ts: ts(1) },
  ]);
  await shop.put("orders", "2", [
    { order_id: "O2", total_amount: 7, order_ts: ts(5) },
    { order_id: "O1", total_amount: 11 },
    { order_id: "O3", total_amount: 5, order_ts: "2024-03-02T10:00:00.000000Z" },
  ]);
  await shop.put("orders", "3", [{ order_id: "O2", total_amount: 99, order_ts: ts(4) }]);
  aggregator = await shop.aggregator();
  onTestFinished(aggregator.close);
  await aggregator.pass(signal);
});

/** What a comparison finds, as the next pass tells it. */
async function found() {
  await aggregator.reconcile(signal);
  const report = await aggregator.pass(signal);
  return { ...report, check: report.checks.find(({ check }) => check === "reconciles_with_silver") };
}

const spoil = (sql: string): void => {
  const database = new DatabaseSync(path.join(shop.folder, "warehouse", "one.sqlite"));
  database.exec(sql);
  database.close();
};

describe("a comparison of gold with silver", () => {
  test("finds them equal, whatever was replaced, repeated, compacted or pruned", async () => {
    expect(await found()).toMatchObject({ check: { status: "pass" }, blocked: undefined });
    for (const csv of ["keep", "prune"] as const) {
      const clock = clockAt(new Date(Date.now() + 2 * PRUNED_AFTER_MS).toISOString());
      const logger = createLogger({ logLevel: "silent", logFormat: "json" }, "compactor");
      await createCompactor({ silver: shop.silver, quietMs: 0, csv, clock, logger }).pass(signal);
      const { check } = await found();
      expect(check).toMatchObject({ status: "pass", actual: "3 orders, revenue 23.00" });
    }
  });

  test("counts only what is in gold: what came since is no difference", async () => {
    await shop.put("orders", "4", [{ order_id: "O4" }]);
    await aggregator.reconcile(signal);
    const { checks } = await aggregator.pass(signal);
    expect(checks.find(({ check }) => check === "reconciles_with_silver")).toMatchObject({ status: "pass" });
  });

  test("that differs stops publication, is kept, and is over when the warehouse was filled anew", async () => {
    spoil("UPDATE sales_by_day SET revenue = revenue + 1 WHERE order_date = '2024-03-02'");
    const { check, blocked } = await found();
    expect(check).toMatchObject({
      status: "fail",
      failing: 1,
      actual: expect.stringContaining("1 day differs, 2024-03-02"),
      expected: "what silver has: 3 orders, revenue 23.00",
    });
    expect(blocked?.message).toContain("reconciles_with_silver");
    const kept = (await readChecks(shop.gold)).find(({ check }) => check === "reconciles_with_silver");
    expect(kept).toMatchObject({ status: "fail", severity: "error" });
    expect(await aggregator.rebuild()).toMatchObject({ blocked: undefined });
    expect(await found()).toMatchObject({ check: { status: "pass" }, blocked: undefined });
  });

  test("notices a silver object that somebody deleted", async () => {
    rmSync(path.join(shop.folder, "silver", silverKey("orders", "2")));
    expect(await found()).toMatchObject({ check: { status: "fail" } });
  });

  test("says nothing of silver that was written again and is not taken in yet", async () => {
    await shop.put("orders", "2", [{ order_id: "O2", total_amount: 8 }]);
    await aggregator.reconcile(signal);
    const { checks } = await aggregator.pass(signal);
    expect(checks.filter(({ check }) => check === "reconciles_with_silver")).toEqual([]);
  });
});
