import { statSync } from "node:fs";
import path from "node:path";
import { IngotError, type ObjectStore } from "@ingot/common";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Shop } from "./shop.ts";

let shop: Shop;
/** Has silver of which nobody takes anything away; it is too large to be written for each test. */
const long = new Shop();
beforeAll(() => putLongOrders(long));
afterAll(() => long.remove());
beforeEach(() => {
  shop = new Shop();
  onTestFinished(() => shop.remove());
});
/** A warehouse that is filled anew is another file. */
const warehouseInode = () => statSync(path.join(shop.folder, "warehouse", "one.sqlite")).ino;

/** More bytes than are taken in together, in few rows, and in a column that no KPI shows. */
const LONG = "x".repeat(13_600_000);
const OBJECTS = 5;
async function putLongOrders(shop: Shop): Promise<void> {
  for (let index = 0; index < OBJECTS; index++)
    await shop.put("orders", `long${index}`, [{ order_id: `L${index}`, customer_id: `${index}${LONG}` }]);
}

async function passOver(silver: ObjectStore, signal: AbortSignal) {
  const aggregator = await shop.aggregator({ silver });
  try {
    const before = warehouseInode();
    const report = await aggregator.pass(signal);
    return { report, isFilledAnew: warehouseInode() !== before };
  } finally {
    await aggregator.close();
  }
}

/** The long silver, where reading one object goes another way. */
function longSilverWith(key: string, read: () => Promise<never>): ObjectStore {
  const { silver } = long;
  return {
    url: silver.url,
    settleMs: 0,
    list: (options) => silver.list(options),
    stat: (wanted) => silver.stat(wanted),
    write: (wanted, body, options) => silver.write(wanted, body, options),
    delete: (wanted) => silver.delete(wanted),
    read: (wanted) => (wanted.includes(key) ? read() : silver.read(wanted)),
  };
}

describe("a warehouse that is far behind", () => {
  const { signal } = new AbortController();

  test("is filled anew; one that lacks little takes that in", async () => {
    await shop.put("orders", "1", [{ order_id: "O1" }]);
    expect(await passOver(shop.silver, signal)).toMatchObject({ isFilledAnew: false });
    await putLongOrders(shop);
    expect(await passOver(shop.silver, signal)).toMatchObject({
      isFilledAnew: true,
      report: { objects: OBJECTS + 1 },
    });
    expect((await shop.latest()).aov).toContain(`\n${OBJECTS + 1},`);
    await shop.put("orders", "2", [{ order_id: "O2" }]);
    expect(await passOver(shop.silver, signal)).toMatchObject({ isFilledAnew: false });
    expect((await shop.latest()).aov).toContain(`\n${OBJECTS + 2},`);
  });

  test("takes in what it can where one object may not be read", async () => {
    const denied = new IngotError("storage_denied", "not yours");
    const silver = longSilverWith("long3", () => Promise.reject(denied));
    const { report, isFilledAnew } = await passOver(silver, signal);
    expect(isFilledAnew).toBe(false);
    expect(report).toMatchObject({ objects: OBJECTS - 1, failures: [{ error: denied }] });
    expect((await shop.latest()).aov).toContain(`\n${OBJECTS - 1},`);
  });

  test("publishes nothing when it is told to stop meanwhile", async () => {
    const stop = new AbortController();
    const silver = longSilverWith("long3", () => {
      stop.abort();
      return Promise.reject(new IngotError("storage_unavailable", "no answer"));
    });
    expect(await passOver(silver, stop.signal)).toMatchObject({ report: { objects: 0, published: 0 } });
    expect(await shop.latest()).toEqual({});
  });
});
