import path from "node:path";
import { pathToFileURL } from "node:url";
import { SqliteWarehouse } from "@ingot/warehouse";
import { expect, onTestFinished, test } from "vitest";
import { createSilverStates, silverFromMetadata, silverToMetadata } from "../src/silver-lineage.ts";
import { Shop } from "./shop.ts";

function openShop() {
  const shop = new Shop();
  const file = path.join(shop.folder, "warehouse", "one.sqlite");
  const warehouse = SqliteWarehouse.open({ file, lakeUrl: pathToFileURL(shop.folder).href });
  onTestFinished(async () => {
    await warehouse.close();
    shop.remove();
  });
  const orders = (name: string) => shop.put("orders", name, [{ order_id: name }]);
  return { shop, warehouse, orders };
}

test("the state tells how many objects are in, up to which one, and follows others who take objects in", async () => {
  const { shop, warehouse, orders } = openShop();
  const states = createSilverStates(warehouse);
  expect((await states()).silver).toMatchObject({ objects: 0, through: 0, ingested_at: "" });
  let before = "";
  for (const [at, name] of ["a", "b", "c"].entries()) {
    await orders(name);
    await shop.passOnce();
    const { revision, silver } = await states();
    expect(revision).toBe(await warehouse.revision());
    const { rows } = await warehouse.query("select count(*), max(id), max(ingested_at) from objects");
    const [objects, through, ingestedAt] = rows[0]!;
    expect(silver).toMatchObject({
      objects: Number(objects),
      through: Number(through),
      ingested_at: ingestedAt,
    });
    expect(silver.objects).toBe(at + 1);
    expect(silver.ingested_at > before).toBe(true);
    before = silver.ingested_at;
    // Asked again it has to count nothing, and says the same.
    expect(await states()).toEqual({ revision, silver });
  }
});

test("after a rebuild it counts anew, and objects still know when they were taken in first", async () => {
  const { shop, warehouse, orders } = openShop();
  const states = createSilverStates(warehouse);
  for (const name of ["b", "a"]) {
    await orders(name);
    await shop.passOnce();
  }
  const times = async () =>
    new Map((await warehouse.query("select key, ingested_at from objects")).rows as [string, string][]);
  const { silver: before } = await states();
  const known = await times();
  await shop.put("orders", "b", [{ order_id: "another" }]);
  await orders("c");
  const aggregator = await shop.aggregator();
  await aggregator.rebuild();
  await aggregator.close();
  const { silver } = await states();
  expect(silver).toMatchObject({ objects: 3, through: 3 });
  expect(silver.generation).not.toBe(before.generation);
  const now = await times();
  const changed = [...now].filter(([key, at]) => known.get(key) !== at).map(([key]) => path.basename(key));
  expect(changed.sort()).toEqual(["orders_clean_b.csv", "orders_clean_c.csv"]);
});

test("a record comes back from an object's metadata as it was; what is none is not taken for one", () => {
  const record = { objects: 3, through: 7, ingested_at: "2026-01-01T00:00:00.000Z", generation: "g" };
  expect(silverFromMetadata(silverToMetadata(record))).toEqual(record);
  expect(silverFromMetadata({})).toBeUndefined();
  expect(silverFromMetadata({ ...silverToMetadata(record), silver_through: "1 or 1=1" })).toBeUndefined();
});
