import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SqliteWarehouse } from "@ingot/warehouse";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Shop } from "./shop.ts";

let shop: Shop;
let pass: () => Promise<{ published: number; objects: number }>;
beforeEach(async () => {
  shop = new Shop();
  await shop.put("orders", "1", [{ order_id: "O1", total_amount: 10 }]);
  const aggregator = await shop.aggregator();
  pass = () => aggregator.pass(new AbortController().signal);
  onTestFinished(async () => {
    await aggregator.close();
    shop.remove();
  });
});
const addKpi = (name: string, sql: string) => writeFileSync(path.join(shop.kpiFolder, `${name}.sql`), sql);

/** How many queries a pass makes, besides the one for its report. */
async function queriesOf(action: () => Promise<unknown>): Promise<number> {
  const query = vi.spyOn(SqliteWarehouse.prototype, "query");
  try {
    await action();
    return query.mock.calls.length - 1;
  } finally {
    query.mockRestore();
  }
}

describe("while nothing changes", () => {
  test("no KPI is computed and no check is run again", async () => {
    expect(await queriesOf(pass)).toBeGreaterThanOrEqual(5);
    expect(await queriesOf(pass)).toBe(0);
    await shop.put("customers", "1", [{ customer_id: "C1" }]);
    expect(await queriesOf(pass)).toBeGreaterThanOrEqual(5);
  });

  test("gold that somebody deleted comes back", async () => {
    await pass();
    const latest = await shop.latest();
    rmSync(path.join(shop.folder, "gold", "latest", "aov.csv"));
    expect(await pass()).toMatchObject({ published: 1 });
    expect(await shop.latest()).toEqual(latest);
  });

  test("a KPI whose file changes is computed, and one that fails is reported every time", async () => {
    await pass();
    addKpi("mine", "SELECT 1 AS one");
    await pass();
    addKpi("mine", "SELECT 2 AS one");
    await pass();
    expect((await shop.latest()).mine).toBe("one\n2\n");
    addKpi("mine", "SELEC");
    for (let time = 0; time < 2; time++) {
      expect(await pass()).toMatchObject({ failures: [{ key: "mine", error: { code: "kpi_failed" } }] });
    }
  });

  test.each(["SELECT random() AS it", "SELECT strftime('%f', 'now') AS it", "SELECT julianday() AS it"])(
    "a KPI that depends on more than the warehouse goes on: %s",
    async (sql) => {
      addKpi("mine", sql);
      await pass();
      const before = await shop.latest();
      await expect.poll(async () => (await pass()).published).toBe(1);
      expect(await shop.latest()).not.toEqual(before);
    },
  );
});
