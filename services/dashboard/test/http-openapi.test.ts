import { describe, expect, test } from "vitest";
import { API_ERRORS } from "../src/http/api-errors.ts";
import { documentOf, emptyGold, putKpis, schemaCheck, serve } from "./http-support.ts";

const JSON_TYPE = "application/json";

async function documented() {
  const gold = emptyGold();
  await putKpis(gold, {
    sales_by_day: { columns: { order_date: "date", revenue: "money" }, rows: [["2024-01-01", "1.50"]] },
  });
  const { app, get } = await serve({ gold });
  return { app, get, document: documentOf(app) };
}

describe("the API's document", () => {
  test("describes every address, every parameter and every answer", async () => {
    const { app, document, get } = await documented();
    expect((await get("/api/openapi.json")).json()).toEqual(JSON.parse(JSON.stringify(document)));
    expect(Object.keys(document.paths).sort()).toEqual([
      "/api/events",
      "/api/filters",
      "/api/kpis",
      ...["csv", "json", "xlsx"].map((format) => `/api/kpis/{kpi}.${format}`),
      "/api/objects",
      "/api/objects/content",
      "/api/objects/preview",
      "/api/sales",
      ...["csv", "json", "xlsx"].map((format) => `/api/sales/{table}.${format}`),
      "/api/settings",
      "/api/status",
      ...["clients", "filters", "kpis", "metrics.csv", "products", "retail-data", "sales", "sales/hour"].map(
        (address) => `/api/stores/${address}`,
      ),
      "/api/stores/series",
      "/api/stores/stores",
      "/health",
    ]);
    const operations = Object.values(document.paths).map((path) => path.get);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { parameters = [], responses, operationId } of operations) {
      for (const { name, description } of parameters)
        expect([operationId, name, description]).not.toContain(undefined);
      expect(Object.values(responses).every(({ description }) => description.length > 5)).toBe(true);
    }
    const text = JSON.stringify(app.swagger().info);
    for (const code of Object.keys(API_ERRORS)) expect(text).toContain(code);
  });

  test("has examples that fit its schemas", async () => {
    const { app, document } = await documented();
    let examples = 0;
    for (const { get } of Object.values(document.paths)) {
      for (const { content = {} } of Object.values(get.responses)) {
        const { schema, example } = content[JSON_TYPE] ?? {};
        if (!schema || example === undefined) continue;
        schemaCheck(app, schema)(example);
        examples += 1;
      }
    }
    expect(examples).toBeGreaterThan(8);
  });

  test("has schemas that refuse what is not so", async () => {
    const { app } = await documented();
    const check = schemaCheck(app, { $ref: "#/components/schemas/PageSettings" });
    const settings = { version: "1", currency: "EUR", business_timezone: "UTC" };
    check(settings);
    expect(() => check({ ...settings, more: 1 })).toThrow();
    expect(() => check({ ...settings, currency: 1 })).toThrow();
    expect(() => check({ version: "1" })).toThrow();
  });

  test("is what is answered", async () => {
    const { app, get, document } = await documented();
    const urls: Record<string, string> = {
      "/api/settings": "",
      "/api/filters": "",
      "/api/kpis": "",
      "/api/kpis/{kpi}.json": "/api/kpis/sales_by_day.json",
      "/api/sales/{table}.json": "/api/sales/products.json",
      "/health": "",
    };
    for (const [path, url] of Object.entries(urls)) {
      const { schema } = document.paths[path]!.get.responses["200"]!.content![JSON_TYPE]!;
      schemaCheck(app, schema)((await get(url || path)).json());
    }
    const { schema } = document.paths["/api/sales"]!.get.responses["4XX"]!.content![JSON_TYPE]!;
    for (const url of ["/api/sales?from=x", "/api/kpis/x.csv", "/api/nope"])
      schemaCheck(app, schema)((await get(url)).json());
  });

  test("is shown to people by scripts of this server alone", async () => {
    const { get } = await serve();
    const page = await get("/api/docs");
    expect(page.headers["content-type"]).toMatch(/^text\/html/);
    expect(page.body).not.toMatch(/<script(?![^>]*src=)|style=|\son\w+=|https?:/);
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source!);
    expect(sources.length).toBeGreaterThan(4);
    for (const source of sources) expect((await get(source)).statusCode).toBe(200);
  });

  test("asks for the token where there is one", async () => {
    const { app } = await serve({ token: "a-token-of-some-length" });
    expect(app.swagger()).toMatchObject({ security: [{ bearer: [] }, { basic: [] }] });
    expect(documentOf(app).paths["/health"]?.get).toMatchObject({ security: [] });
    expect((await serve()).app.swagger()).not.toHaveProperty("security");
  });
});
