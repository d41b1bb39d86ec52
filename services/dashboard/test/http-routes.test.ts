import { IngotError, productVersion } from "@ingot/common";
import { describe, expect, test } from "vitest";
import { tagOf } from "../src/http/conditional.ts";
import { CHOICES, CUBE, expectError, serve } from "./http-support.ts";

describe("settings, health and the pipeline", () => {
  test("health tells nothing but that the dashboard answers", async () => {
    const { get } = await serve();
    expect((await get("/health")).json()).toEqual({ status: "ok" });
  });

  test("settings tell what all figures are in", async () => {
    const { get } = await serve({ currency: "GBP", businessTimezone: "Europe/London" });
    const settings = { version: productVersion(), currency: "GBP", business_timezone: "Europe/London" };
    expect((await get("/api/settings")).json()).toEqual(settings);
  });

  test("objects of silver and gold can be looked at, and of no other layer", async () => {
    const { get } = await serve();
    const listing = { layer: "gold", prefix: "latest/", folders: [], objects: [] };
    expect((await get("/api/objects?layer=gold&prefix=latest/")).json()).toEqual(listing);
    for (const layer of ["bronze", "quarantine", "", "gold&layer=bronze"]) {
      for (const address of ["objects?", "objects/preview?key=a&"]) {
        const { parameter } = expectError(
          await get(`/api/${address}layer=${layer}`),
          400,
          "invalid_parameter",
        );
        expect(parameter).toBe("layer");
      }
    }
  });

  test("an object that is not there is a 404 of its own", async () => {
    const { get } = await serve();
    const error = expectError(await get("/api/objects/preview?layer=gold&key=nope"), 404, "object_missing");
    expect(error.message).toContain("nope");
  });
});

describe("questions about sales", () => {
  const PERIODS = [
    ["", "2024-01-01", "2024-03-31"],
    ["from=2024-02-01", "2024-02-01", "2024-03-31"],
    ["from=2025-02-01", "2025-02-01", "2025-02-01"],
    ["to=2024-02-01", "2024-01-01", "2024-02-01"],
    ["to=2023-02-01", "2023-02-01", "2023-02-01"],
    ["from=2023-12-31&to=2024-01-01", "2023-12-31", "2024-01-01"],
  ] as const;

  test("what a period leaves out is filled in from the days with sales", async () => {
    const { get, asked } = await serve();
    for (const [query, from, to] of PERIODS) {
      expect((await get(`/api/sales?${query}`)).statusCode).toBe(200);
      expect(asked.pop()).toEqual({ filter: { from, to, channel: [], country: [], product: [] } });
    }
  });

  test("a report has at most 3,700 days, filled in or asked for; tables may have more", async () => {
    const days = { first: "1970-01-01", last: "2024-03-31" };
    const { get } = await serve({ cube: { ...CUBE, choices: async () => ({ ...CHOICES, days }) } });
    expect((await get("/api/sales")).json().filter.from).toBe("2014-02-13");
    const error = expectError(await get("/api/sales?from=2014-02-12"), 400, "invalid_parameter");
    expect(error.parameter).toBe("from");
    const table = await get("/api/sales/products.csv");
    expect(table.headers["content-disposition"]).toContain("products_1970-01-01_2024-03-31.csv");
  });

  test("without sales a report is of today", async () => {
    const { get } = await serve({
      cube: { ...CUBE, choices: async () => ({ ...CHOICES, days: undefined }) },
    });
    expect((await get("/api/sales")).json().filter).toMatchObject({ from: "2024-04-02", to: "2024-04-02" });
  });

  test("lists are repeated parameters, whatever is in them", async () => {
    const { get, asked } = await serve();
    const names = ["a,b", "Ünïcode & more", "=1+1", "'; drop table sales --", "100%"];
    const query = names.map((name) => `product=${encodeURIComponent(name)}`).join("&");
    await get(`/api/sales?${query}&country=France`);
    expect(asked[0]?.filter).toMatchObject({ product: names, country: ["France"], channel: [] });
  });

  const many = (count: number, length = 1) =>
    Array.from({ length: count }, () => `product=${"x".repeat(length)}`).join("&");

  const WRONG = [
    ["from=2024-02-30", "from"],
    ["to=yesterday", "to"],
    ["to=", "to"],
    ["from=2024-1-1", "from"],
    ["from=0000-01-01", "from"],
    ["from=2024-02-02&to=2024-02-01", "from"],
    ["from=2024-02-02&from=2024-02-01", "from"],
    ["chanel=web", "chanel"],
    ["channel=", "channel"],
    ["__proto__=x", "__proto__"],
    [many(101), "product"],
    [many(1, 201), "product"],
  ] as const;

  test("wrong parameters are refused by name, before anything is asked", async () => {
    const { get, asked } = await serve();
    for (const [query, parameter] of WRONG) {
      for (const address of ["/api/sales", "/api/sales/products.csv"]) {
        const error = expectError(await get(`${address}?${query}`), 400, "invalid_parameter");
        expect([query, error.parameter]).toEqual([query, parameter]);
      }
    }
    expect(asked).toEqual([]);
  });

  test("as much as is allowed is answered", async () => {
    const { get } = await serve();
    expect((await get(`/api/sales?${many(100, 200)}`)).statusCode).toBe(200);
  });
});

describe("errors", () => {
  const CASES = [
    [new IngotError("query_timeout", "secret"), 504, "query_timeout"],
    [new IngotError("warehouse_missing", "secret"), 503, "warehouse_missing"],
    [new IngotError("warehouse_invalid", "secret"), 503, "warehouse_invalid"],
    [new IngotError("storage_unavailable", "secret"), 503, "storage_unavailable"],
    [new IngotError("kpi_failed", "secret"), 500, "internal_error"],
    [new TypeError("secret"), 500, "internal_error"],
    ["secret", 500, "internal_error"],
  ] as const;

  test.each(CASES)("%s inside is told without internals", async (thrown, status, code) => {
    const fail = async () => {
      throw thrown;
    };
    const { get, lines } = await serve({ cube: { ...CUBE, choices: fail } });
    const answer = await get("/api/filters");
    const { message } = expectError(answer, status, code);
    expect(message).not.toContain("secret");
    if (status === 504) return;
    const told = { level: "error", request_id: answer.headers["x-request-id"], route: "/api/filters" };
    // A lake whose pipelines all work in batches never has a warehouse.
    expect(lines).toMatchObject(code === "warehouse_missing" ? [] : [told]);
    if (status === 500) expect(message).toContain(String(answer.headers["x-request-id"]));
    else expect(answer.headers["retry-after"]).toBe("1");
  });

  test("a refusal inside names the parameter", async () => {
    const refuse = async () => {
      throw new IngotError("invalid_parameter", "prefix is odd", { context: { variable: "prefix" } });
    };
    const pipeline = { status: refuse, objects: refuse, preview: refuse, stat: refuse, content: refuse };
    const { get } = await serve({ pipeline });
    expect(expectError(await get("/api/objects?layer=gold"), 400, "invalid_parameter").parameter).toBe(
      "prefix",
    );
  });

  test("no question takes longer than the time-out", async () => {
    const never = () => new Promise<never>(() => undefined);
    const cube = { choices: never, report: never, table: never };
    const pipeline = { status: never, objects: never, preview: never, stat: never, content: never };
    const { get } = await serve({ cube, pipeline, timeoutMs: 30 });
    const addresses = [
      "filters",
      "sales",
      "sales/products.csv",
      "sales/products.xlsx",
      "status",
      "objects?layer=gold",
    ];
    for (const address of addresses) expectError(await get(`/api/${address}`), 504, "query_timeout");
  });

  test("what does not exist is an ApiError below /api, and a page elsewhere", async () => {
    const { get } = await serve();
    for (const url of [
      "/api",
      "/api/",
      "/api/nope",
      "/api/sales/nope.csv",
      "/api/sales/products.pdf",
      "/api?x=1",
    ]) {
      expectError(await get(url), 404, "not_found");
    }
    for (const url of ["/nope", "/apis", "/../package.json", "/%2e%2e/package.json", "/.built-from"]) {
      const answer = await get(url);
      expect([answer.statusCode, answer.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    }
    for (const url of ["/a%5C..%5Cb", "/a%00b", "/a//b", "/%2f%2fb", "/assets/"]) {
      expect((await get(url)).statusCode).toBe(404);
    }
  });

  test("nothing but GET and HEAD is allowed", async () => {
    const { app } = await serve();
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const) {
      for (const url of ["/api/sales", "/", "/nope", "/health"]) {
        const answer = await app.inject({ url, method, payload: "x".repeat(100) });
        expectError(answer, 405, "method_not_allowed");
        expect(answer.headers.allow).toBe("GET, HEAD");
      }
    }
  });

  test("what is no URL encoding is refused", async () => {
    const { get } = await serve();
    for (const url of ["/api/sales?product=%zz", "/api/sales?product=%ff", "/%zz", "/api/kpis/%c3%28.csv"]) {
      expectError(await get(url), 400, "invalid_request");
    }
  });
});

describe("what has not changed is not sent again", () => {
  const ADDRESSES = [
    "settings",
    "filters",
    "sales",
    "sales/products.csv",
    "sales/products.xlsx",
    "kpis",
    "openapi.json",
  ];

  test.each(ADDRESSES)("/api/%s", async (address) => {
    const { app } = await serve();
    const url = `/api/${address}`;
    const first = await app.inject(url);
    const etag = String(first.headers.etag);
    expect(etag).toMatch(/^"[\w.-]+"$/);
    for (const method of ["GET", "HEAD"] as const) {
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
        const again = await app.inject({ url, method, headers: { "if-none-match": known } });
        expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, "", etag]);
        expect(again.headers).not.toHaveProperty("content-type");
      }
      const other = await app.inject({ url, method, headers: { "if-none-match": '"other"' } });
      expect([other.statusCode, other.headers["content-length"]]).toEqual([
        200,
        String(first.rawPayload.length),
      ]);
    }
  });

  test("an Excel file's ETag is that of its table: the file itself has the time in it", async () => {
    const { get } = await serve();
    const { headers, rawPayload } = await get("/api/sales/products.xlsx");
    expect(headers.etag).not.toBe(tagOf(rawPayload));
    const other = await serve({ currency: "USD" });
    expect((await other.get("/api/sales/products.xlsx")).headers.etag).not.toBe(headers.etag);
  });

  test("another filter or another state has another ETag", async () => {
    let revision = "a.1";
    const report: typeof CUBE.report = async (...question) => ({
      ...(await CUBE.report(...question)),
      revision,
    });
    const { get } = await serve({ cube: { ...CUBE, report } });
    const tags = [await get("/api/sales"), await get("/api/sales?channel=web")];
    revision = "a.2";
    tags.push(await get("/api/sales"));
    expect(new Set(tags.map(({ headers }) => headers.etag)).size).toBe(3);
  });
});
