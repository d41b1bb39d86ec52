import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, utimesSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { IngotError, type ObjectStore } from "@ingot/common";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Shop, silverKey } from "./shop.ts";

/** Times that an aggregator is killed; more for a long run. */
const ROUNDS = Number(process.env.INGOT_TEST_KILL_ROUNDS ?? 5);

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
  onTestFinished(() => shop.remove());
});
const silverFile = (key: string) => path.join(shop.folder, "silver", key);
const { signal } = new AbortController();

/** Ticks with replaced orders, late customers and days that change. */
async function putTick(tick: number): Promise<void> {
  const name = String((tick * 7) % 10);
  await shop.put(
    "orders",
    name,
    Array.from({ length: 6 }, (_, index) => ({
      order_id: `O${(tick * 4 + index) % 17}`,
      customer_id: `C${(tick + index) % 5}`,
      product: `p${(tick * index) % 4}`,
      total_amount: tick + index / 100,
      order_ts: `2024-03-0${1 + ((tick + index) % 3)}T10:00:00.00000${tick % 3}Z`,
    })),
  );
  await shop.put("customers", name, [
    { customer_id: `C${tick % 5}`, country: ["France", "Spain"][tick % 2]! },
  ]);
}

describe("the warehouse", () => {
  test("filled tick by tick gives the gold that one filled at once gives", async () => {
    const aggregator = await shop.aggregator();
    for (let tick = 0; tick < 10; tick++) {
      await putTick(tick);
      await aggregator.pass(signal);
    }
    const latest = await shop.latest();
    expect(latest.sales_by_day?.split("\n").length).toBeGreaterThan(3);
    expect(await shop.passOnce({ warehouse: "another" })).toMatchObject({ objects: 20, published: 0 });
    expect(await shop.latest()).toEqual(latest);
    expect(await aggregator.rebuild()).toMatchObject({ objects: 20, published: 0 });
    expect(await shop.latest()).toEqual(latest);
    await aggregator.close();
  });

  test("does not count an object again that was written again with the same bytes", async () => {
    await putTick(1);
    await shop.passOnce();
    const state = await shop.state();
    utimesSync(silverFile(silverKey("orders", "7")), new Date(0), new Date(0));
    expect(await shop.passOnce()).toMatchObject({ objects: 0, published: 0 });
    expect(await shop.state()).toEqual(state);
  });

  test("is filled anew when an object was written again with other content", async () => {
    await shop.put("orders", "1", [
      { order_id: "O1", total_amount: 10 },
      { order_id: "O2", total_amount: 1 },
    ]);
    await shop.put("orders", "2", [{ order_id: "O3", total_amount: 5 }]);
    await shop.passOnce();
    await shop.put("orders", "1", [{ order_id: "O1", total_amount: 7 }]);
    await shop.passOnce();
    expect((await shop.latest()).aov).toBe("orders,revenue,aov\n2,12.00,6.00\n");
  });

  test("leaves objects alone that the cleaner did not write", async () => {
    await putTick(1);
    await shop.silver.write("dt=2024-03-01/notes.csv", Buffer.from("anything"));
    expect(await shop.passOnce()).toMatchObject({ objects: 2, failures: [] });
  });
});

describe("a silver object that breaks the contract", () => {
  test("is reported with its key, stops no other, and is taken in when it was mended", async () => {
    const key = silverKey("orders", "bad");
    await shop.put("orders", "good", [{ order_id: "O1" }]);
    await shop.silver.write(key, Buffer.from("order_id,nonsense\n1,2\n"));
    const { failures, objects } = await shop.passOnce();
    expect(objects).toBe(1);
    expect(failures).toMatchObject([{ key, error: { code: "silver_invalid" } }]);
    expect((await shop.latest()).aov).toContain("\n1,");
    expect((await shop.passOnce()).failures).toHaveLength(1);
    await shop.put("orders", "bad", [{ order_id: "O2" }]);
    expect(await shop.passOnce()).toMatchObject({ objects: 1, failures: [] });
    expect((await shop.latest()).aov).toContain("\n2,");
  });
});

describe("half of the figures", () => {
  test("are never published: a new warehouse that cannot read all of silver leaves gold as it is", async () => {
    for (let tick = 0; tick < 6; tick++) await putTick(tick);
    await shop.passOnce();
    const state = await shop.state();
    const flaky: ObjectStore = {
      url: shop.silver.url,
      settleMs: 0,
      list: (options) => shop.silver.list(options),
      stat: (key) => shop.silver.stat(key),
      write: (key, body, options) => shop.silver.write(key, body, options),
      delete: (key) => shop.silver.delete(key),
      read: async (key) => {
        if (key.includes("_5")) throw new IngotError("storage_unavailable", "no answer");
        return shop.silver.read(key);
      },
    };
    await expect(shop.passOnce({ warehouse: "new", silver: flaky })).rejects.toMatchObject({
      transient: true,
    });
    expect(await shop.state()).toEqual(state);
    expect(await shop.passOnce({ warehouse: "new" })).toMatchObject({ published: 0, objects: 2 });
    expect(await shop.state()).toEqual(state);
  });

  test("are not published by a pass that is told to stop", async () => {
    await putTick(1);
    await shop.passOnce();
    const state = await shop.state();
    const aggregator = await shop.aggregator({ warehouse: "new" });
    await aggregator.pass(AbortSignal.abort());
    await aggregator.close();
    expect(await shop.state()).toEqual(state);
  });
});

describe("several aggregators", () => {
  test.each([
    ["one warehouse file", ["shared", "shared"]],
    ["a warehouse file each", ["one", "two"]],
  ])("with %s end in the same gold", async (_, names) => {
    const both = await Promise.all(names.map((warehouse) => shop.aggregator({ warehouse })));
    for (let tick = 0; tick < 5; tick++) {
      await putTick(tick);
      await Promise.all(both.map((aggregator) => aggregator.pass(signal)));
    }
    const settled = await shop.state();
    for (const aggregator of both) expect(await aggregator.pass(signal)).toMatchObject({ objects: 0 });
    await Promise.all(both.map((aggregator) => aggregator.close()));
    expect(await shop.state()).toEqual(settled);
    const { kpis } = await shop.manifest();
    for (const [name, text] of Object.entries(await shop.latest())) {
      expect(await shop.text(kpis[name]!.key)).toBe(text);
    }
    const latest = await shop.latest();
    rmSync(path.join(shop.folder, "gold"), { recursive: true });
    await shop.passOnce({ warehouse: "fresh" });
    expect(await shop.latest()).toEqual(latest);
  });

  test("killed at random instants leave what one more pass makes right", { timeout: 60_000 }, async () => {
    const script = fileURLToPath(new URL("./run-passes.ts", import.meta.url));
    let ticks = 0;
    let kills = 0;
    for (; kills < ROUNDS; kills++) {
      const child = spawn(process.execPath, [script, shop.folder], { stdio: ["ignore", "pipe", "inherit"] });
      const exit = once(child, "exit");
      // Its first pass is over, or in the middle of gold.
      await once(child.stdout, "data");
      for (let index = 0; index < 3; index++) {
        await putTick(ticks++);
        await pause((kills * 7 + index * 11) % 23);
      }
      child.kill("SIGKILL");
      expect((await exit)[1]).toBe("SIGKILL");
    }
    await shop.passOnce();
    const latest = await shop.latest();
    const { kpis } = await shop.manifest();
    expect(Object.keys(latest).sort()).toEqual(Object.keys(kpis).sort());
    for (const [name, { key }] of Object.entries(kpis)) expect(await shop.text(key)).toBe(latest[name]);
    expect(await shop.passOnce({ warehouse: "fresh" })).toMatchObject({ published: 0 });
    expect(await shop.latest()).toEqual(latest);
  });
});
