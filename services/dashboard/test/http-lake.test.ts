import path from "node:path";
import { pathToFileURL } from "node:url";
import { createLogger, lakeLocation, openLake, readAll, readSettings, systemClock } from "@ingot/common";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clockAt, Shop } from "../../aggregator/test/shop.ts";
import type { KpiList, SalesReport } from "../src/api/contract.ts";
import { openSalesCube } from "../src/cube/index.ts";
import { createServer } from "../src/http/index.ts";
import { createPipelineView } from "../src/pipeline/index.ts";
import { documentOf, handLive, NO_STORES, schemaCheck } from "./http-support.ts";

/** A server on a lake that the aggregator has worked on. */
async function open() {
  const shop = new Shop();
  await shop.put("customers", "c", [{ customer_id: "C1" }, { customer_id: "C2", country: "=Spain" }]);
  await shop.put("orders", "o", [
    {
      order_id: "1",
      order_ts: "2024-03-01T10:00:00.000000Z",
      quantity: 1.5,
      unit_price: 10,
      total_amount: 15,
    },
    { order_id: "2", customer_id: "C2", product: "=1+1;x", order_ts: "2024-03-03T10:00:00.000000Z" },
  ]);
  await shop.put("clicks", "k", [{ customer_id: "C1" }, { customer_id: "C3", page: "/a" }]);
  await shop.passOnce({ clock: clockAt("2024-03-03T12:00:00Z") });
  const settings = readSettings({ flags: { lake: shop.folder }, env: {} });
  const lake = await openLake(lakeLocation(settings));
  const logger = createLogger({ logLevel: "silent", logFormat: "json" }, "dashboard");
  const clock = clockAt("2024-03-03T12:00:00Z");
  const warehouseFile = path.join(shop.folder, "warehouse", "one.sqlite");
  const cube = openSalesCube({ file: warehouseFile, timezone: "UTC", clock, logger });
  const pipeline = createPipelineView({ lake, warehouseFile, clock: systemClock, logger });
  const app = await createServer({
    ...{ cube, pipeline, stores: NO_STORES, gold: lake.gold, live: handLive() },
    ...{ host: "127.0.0.1", timeoutMs: 5_000 },
    ...{ currency: "EUR", businessTimezone: "UTC", logger },
  });
  const close = async () => {
    await app.close();
    await Promise.all([cube.close(), pipeline.close()]);
    await lake.close();
    shop.remove();
  };
  return { app, shop, lake, close };
}

let lake: Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  lake = await open();
  expect(pathToFileURL(lake.shop.folder).href).toBe(lake.lake.url);
});
afterAll(() => lake.close());

test("every KPI of gold is there in every form, its CSV byte for byte but for formulas", async () => {
  const { app, shop } = lake;
  const latest = await shop.latest();
  const { kpis } = (await app.inject("/api/kpis")).json<KpiList>();
  expect(kpis.map(({ name }) => name)).toEqual(Object.keys(latest).sort());
  let mended = 0;
  for (const { name, rows, csv, json, xlsx } of kpis) {
    const raw = await app.inject(`${csv}?raw=true`);
    expect(raw.body).toBe(latest[name]);
    const safe = (await app.inject(csv)).body;
    const unmended = safe.replaceAll("'=", "=");
    expect(unmended).toBe(latest[name]);
    if (safe !== unmended) mended += 1;
    expect((await app.inject(json)).json()).toHaveLength(rows);
    expect((await app.inject(xlsx)).rawPayload.subarray(0, 2).toString()).toBe("PK");
  }
  expect(mended).toBeGreaterThan(0);
  expect(mended).toBeLessThan(kpis.length);
});

test("KPIs and filtered tables have the same figures", async () => {
  const { app } = lake;
  const report = (await app.inject("/api/sales")).json<SalesReport>();
  expect(report.filter).toMatchObject({ from: "2024-03-01", to: "2024-03-03" });
  expect(report.sales_by_day.map(({ revenue }) => revenue)).toEqual([15, 0, 10]);
  const csv = (await app.inject("/api/sales/sales_by_day.csv")).body;
  expect(csv.split("\n")[1]).toBe("2024-03-01,1,1.5,15.00");
  const filtered = (
    await app.inject(`/api/sales?product=${encodeURIComponent("=1+1;x")}`)
  ).json<SalesReport>();
  expect(filtered.cards.revenue.value).toBe(10);
});

test("all that is answered of a real lake is as the document says", async () => {
  const { app } = lake;
  const { paths } = documentOf(app);
  const urls: Record<string, string> = {
    "/api/filters": "",
    "/api/sales": "",
    "/api/status": "",
    "/api/kpis": "",
    "/api/objects": "/api/objects?layer=gold",
    "/api/objects/preview": "/api/objects/preview?layer=gold&key=latest/sales_by_day.csv",
  };
  for (const [address, url] of Object.entries(urls)) {
    const answer = await app.inject(url || address);
    const { schema } = paths[address]!.get.responses["200"]!.content!["application/json"]!;
    schemaCheck(app, schema)(answer.json());
  }
  const { kpis } = (await app.inject("/api/kpis")).json<KpiList>();
  const { sha256 } = JSON.parse((await readAll(lake.lake.gold, "latest/manifest.json")).toString()).kpis[
    kpis[0]!.name
  ];
  expect((await app.inject(`${kpis[0]!.csv}?raw=true`)).headers.etag).toBe(`"${sha256}"`);
});
