import { describe, expect, test } from "vitest";
import type { StoreChoices, StoreKpis, StoreSeries } from "../src/api/contract.ts";
import { documentOf, expectError, schemaCheck, serve } from "./http-support.ts";
import { emptyStores, publishMetrics, putParquet } from "./stores-lake.ts";

const DAY = {
  ...{ date: "2024-01-31", store: "s-1", visitors: 100, transactions: 10, quantity: 30 },
  ...{ revenue: 1000, cost: 500, variation: 2 },
};
const STORES = [["s-1", "Magasin_1", "Paris", "100", "8", "20"]];

const LINES = `SELECT 'sale-' || (i // 4) AS sale_id, 's-' || (i % 10 + 1) AS store_id, i::INTEGER AS quantity,
  (i / 4)::DECIMAL(12,2) AS sale_amount, DATE '2024-01-31' AS sale_date,
  lpad((i % 24)::VARCHAR, 2, '0') || ':30:00' AS sale_time, 7 AS _row`;
const SILVER = {
  "retail-stores/clients/clients.parquet":
    "SELECT * FROM (VALUES ('c-1', 'Ann', 33, 'Paris', true), ('c-2', 'Bo', NULL, 'Nice', false)) AS c(id, name, age, city, loyalty_card)",
  "retail-stores/products/products.parquet": "SELECT 'p-1' AS id, 12.50::DECIMAL(12,2) AS price",
  "retail-stores/retail_data/date=2024-01-31/retail_data_2024-01-31.parquet":
    "SELECT 's-' || (i // 24 + 1) AS store_id, DATE '2024-01-31' AS date, (i % 24)::INTEGER AS hour, NULL::DOUBLE AS visitors FROM range(48) AS hours(i)",
  "retail-stores/sales/sale_date=2024-01-31/sales_2024-01-31.parquet": `${LINES} FROM range(60000) AS lines(i)`,
};

async function serveStores() {
  const { gold, silver, stores } = emptyStores("2024-02-02T12:00:00Z");
  const served = await serve({ stores });
  return { ...served, gold, silver };
}

describe("the stores' metrics", () => {
  test("are answered as the document says", async () => {
    const { app, get, gold } = await serveStores();
    await publishMetrics(gold, [DAY, { ...DAY, date: "2024-02-01" }], STORES);
    for (const [address, query] of Object.entries({
      "/api/stores/filters": "",
      "/api/stores/kpis": "?year=2024&month=2&store=s-1",
      "/api/stores/series": "?step=day&year=2024&month=1",
    })) {
      const answer = await get(address + query);
      expect(answer.statusCode).toBe(200);
      const { schema } = documentOf(app).paths[address]!.get.responses["200"]!.content!["application/json"]!;
      schemaCheck(app, schema)(answer.json());
      const again = await get(address + query, { "if-none-match": String(answer.headers.etag) });
      expect([again.statusCode, again.body]).toEqual([304, ""]);
    }
    expect((await get("/api/stores/filters")).json<StoreChoices>().stores).toHaveLength(1);
    const { cards, until_day } = (await get("/api/stores/kpis?year=2024&month=2")).json<StoreKpis>();
    // The month before has no day until then.
    expect([until_day, cards.revenue]).toEqual([2, { value: 1000, previous: null, change: null }]);
    const { points } = (await get("/api/stores/series?step=quarter&year=1999")).json<StoreSeries>();
    expect(points.map(({ period, total_revenue }) => [period, total_revenue])).toEqual([["2024-Q1", 2000]]);
  });

  test("are downloaded under the name of their filter", async () => {
    const { get, gold } = await serveStores();
    await publishMetrics(gold, [DAY], STORES);
    const answer = await get("/api/stores/metrics.csv?step=day&year=2024&month=1&store=s-1&bom=true");
    expect(answer.headers["content-disposition"]).toBe(
      'attachment; filename="metrics_store_s-1_Quotidien_2024_1.csv"',
    );
    expect(answer.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(answer.body).toMatch(
      /^\uFEFFdate,day_of_week,.*,year,month\n2024-01-31,Wednesday,s-1,.*,2024,1\n$/,
    );
  });

  test("that are not there are missing, and wrong questions are told what is wrong", async () => {
    const { get } = await serveStores();
    expect((await get("/api/stores/filters")).json<StoreChoices>().years).toEqual([]);
    for (const address of ["kpis?year=2024&month=1", "series?step=year", "metrics.csv?step=year"])
      expectError(await get(`/api/stores/${address}`), 404, "not_found");
    for (const [address, parameter] of [
      ["kpis?year=2024", "month"],
      ["kpis?year=2024&month=13", "month"],
      ["kpis?year=2024&month=1&magasin=x", "magasin"],
      ["series?step=week", "step"],
      ["series?step=month", "year"],
      ["metrics.csv?step=day&year=2024", "month"],
    ] as const)
      expect(expectError(await get(`/api/stores/${address}`), 400, "invalid_parameter").parameter).toBe(
        parameter,
      );
  });
});

describe("the stores' records", () => {
  test("come from silver, as the contract and by its own addresses, with an ETag", async () => {
    const { app, get, silver } = await serveStores();
    await putParquet(silver, SILVER);
    const { schema } =
      documentOf(app).paths["/api/stores/clients"]!.get.responses["200"]!.content!["application/json"]!;
    const list = async (address: string): Promise<Record<string, unknown>[]> => {
      const answer = await get(address);
      expect([answer.statusCode, answer.headers["content-type"]]).toEqual([
        200,
        "application/json; charset=utf-8",
      ]);
      const again = await get(address, { "if-none-match": String(answer.headers.etag) });
      expect([address, again.statusCode, again.body]).toEqual([address, 304, ""]);
      schemaCheck(app, schema)(answer.json());
      return answer.json();
    };
    expect(await list("/api/stores/clients?city=pARIS")).toEqual([
      { id: "c-1", age: 33, city: "Paris", loyalty_card: true },
    ]);
    expect(await list("/clients?city=Nice")).toEqual([
      { id: "c-2", age: null, city: "Nice", loyalty_card: false },
    ]);
    expect(await list("/api/stores/products")).toEqual([{ id: "p-1", price: 12.5 }]);
    const hours = await list("/retail_data/store?date=2024-01-31&store_id=s-2");
    expect(hours.map(({ hour }) => hour)).toEqual(Array.from({ length: 24 }, (_, hour) => hour));
    expect(hours[0]).toEqual({ store_id: "s-2", date: "2024-01-31", hour: 0, visitors: null });
    expect(await list("/api/stores/retail-data?date=2024-01-31")).toHaveLength(48);

    const sales = await list("/api/stores/sales?sale_date=2024-01-31");
    expect(sales).toHaveLength(60_000);
    expect(sales[5]).toEqual({
      ...{ sale_id: "sale-1", store_id: "s-6", quantity: 5, sale_amount: 1.25 },
      ...{ sale_date: "2024-01-31", sale_time: "05:30:00" },
    });
    expect(await list("/sales?sale_date=2024-01-31&store_id=s-6")).toEqual(
      sales.filter(({ store_id }) => store_id === "s-6"),
    );
    const ofHour = await list("/api/stores/sales/hour?sale_date=2024-01-31&hour=07");
    expect(ofHour).toEqual(sales.filter(({ sale_time }) => String(sale_time).startsWith("07:")));
    expect(await list("/sales/hour?sale_date=2024-01-31&hour=7&store_id=s-8")).toHaveLength(500);
    expect((await app.inject({ method: "HEAD", url: "/api/stores/products" })).body).toBe("");
  });

  test("that are not there are an empty list for a day, and an error for what has to be there", async () => {
    const { get, silver } = await serveStores();
    for (const address of ["clients?city=Paris", "products", "stores"])
      expectError(await get(`/api/stores/${address}`), 404, "not_found");
    await putParquet(silver, SILVER);
    expectError(await get("/api/stores/clients?city=Oslo'%20OR%20true--"), 404, "not_found");
    for (const address of [
      "retail-data?date=2024-02-01",
      "retail-data?date=2024-01-31&store_id=s-9'",
      "sales?sale_date=2024-02-01&store_id=s-1",
      "sales?sale_date=2024-01-31&store_id=none",
      "sales/hour?sale_date=2024-02-01&hour=23",
    ]) {
      const answer = await get(`/api/stores/${address}`);
      expect([answer.statusCode, answer.json()]).toEqual([200, []]);
    }
    for (const [address, parameter] of [
      ["/api/stores/clients", "city"],
      ["/api/stores/retail-data?date=31/01/2024", "date"],
      ["/retail_data?date=2024-02-30", "date"],
      ["/api/stores/sales?sale_date=today", "sale_date"],
      ["/sales/hour?sale_date=2024-01-31&hour=24", "hour"],
    ] as const)
      expect(expectError(await get(address), 400, "invalid_parameter").parameter).toBe(parameter);
  });

  test("that are no Parquet file are an error inside, and questions go on", async () => {
    const { get, silver } = await serveStores();
    await putParquet(silver, SILVER);
    await silver.write("retail-stores/stores/stores.parquet", Buffer.from("PAR1 or so"));
    expectError(await get("/api/stores/stores"), 500, "internal_error");
    const questions = Array.from({ length: 8 }, () => get("/api/stores/products"));
    expect((await Promise.all(questions)).map(({ statusCode }) => statusCode)).toEqual(Array(8).fill(200));
  });
});
