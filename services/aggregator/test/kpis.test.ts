import { writeFileSync } from "node:fs";
import path from "node:path";
import { batchPipelines } from "@ingot/pipelines";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Shop } from "./shop.ts";

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
  onTestFinished(() => shop.remove());
});
const addKpi = (name: string, sql: string) => writeFileSync(path.join(shop.kpiFolder, `${name}.sql`), sql);

describe("built-in KPIs", () => {
  test("show orders joined with customers, greatest revenue first", async () => {
    await shop.put("customers", "1", [{ customer_id: "C1", country: "France" }]);
    await shop.put("orders", "1", [
      { order_id: "O1", total_amount: 10.005, quantity: "1.5" },
      { order_id: "O2", customer_id: "C2", product: 'rug, "red"', channel: "store", total_amount: 30 },
      { order_id: "O3", customer_id: "", order_ts: "2024-03-02T00:00:00.000000Z", total_amount: 0.01 },
    ]);
    await shop.passOnce();
    expect(await shop.latest()).toEqual({
      aov: "orders,revenue,aov\n3,40.02,13.34\n",
      revenue_by_channel: "channel,orders,revenue\nstore,1,30.00\nweb,2,10.02\n",
      revenue_by_country: "country,orders,revenue\nNA,2,30.01\nFrance,1,10.01\n",
      sales_by_day: "order_date,orders,revenue\n2024-03-01,2,40.01\n2024-03-02,1,0.01\n",
      top_products: 'rank,product,orders,quantity,revenue\n1,"rug, ""red""",1,1,30.00\n2,lamp,2,2.5,10.02\n',
    });
  });

  test("have only their headers while there are no orders", async () => {
    await shop.put("orders", "1", []);
    await shop.passOnce();
    expect((await shop.latest()).aov).toBe("orders,revenue,aov\n");
  });

  test.each([
    // 0.01 / 2 = 0.005 and 0.03 / 2 = 0.015 round up, 0.0149 / 1 and 0.0449 / 3 = 0.01496… do not.
    [[0.01, 0], "0.01"],
    [[0.03, 0], "0.02"],
    [[0.0149], "0.01"],
    [[0.0449, 0, 0], "0.01"],
  ])("round the mean of %j exactly half up to %s", async (totals, expected) => {
    await shop.put(
      "orders",
      "1",
      totals.map((total, index) => ({ order_id: `O${index}`, total_amount: total })),
    );
    await shop.passOnce();
    expect((await shop.latest()).aov?.split(/[,\n]/).at(-2)).toBe(expected);
  });

  test("top_products stops at ten, equal revenues in the order of their names", async () => {
    const products = Array.from({ length: 12 }, (_, index) => `p${String(11 - index).padStart(2, "0")}`);
    await shop.put(
      "orders",
      "1",
      products.map((product) => ({ order_id: product, product })),
    );
    await shop.passOnce();
    const rows = (await shop.latest()).top_products?.trim().split("\n").slice(1);
    expect(rows?.map((row) => row.split(",")[1])).toEqual(products.toSorted().slice(0, 10));
  });
});

describe("a user's KPI", () => {
  beforeEach(() =>
    shop.put("orders", "1", [
      { order_id: "O1", total_amount: 15.3 },
      { order_id: "O2", total_amount: 1 },
    ]),
  );

  test("needs no declarations: values and well-known names tell the types", async () => {
    addKpi("mine", "SELECT product, orders, quantity, revenue, 0.5 AS share FROM sales_by_product");
    await shop.passOnce();
    expect((await shop.latest()).mine).toBe("product,orders,quantity,revenue,share\nlamp,2,2,16.30,0.5\n");
    const types = (await shop.manifest()).kpis.mine?.columns.map(({ type }) => type);
    expect(types).toEqual(["text", "integer", "quantity", "money", "number"]);
  });

  test("that computes its own decimals or texts under a well-known name keeps them", async () => {
    addKpi("decimals", "SELECT sum(revenue) / 10000.0 AS revenue FROM sales_by_day");
    addKpi("texts", "SELECT 'EUR ' || (sum(revenue) / 10000) AS revenue FROM sales_by_day");
    await shop.passOnce();
    expect(await shop.latest()).toMatchObject({ decimals: "revenue\n16.3\n", texts: "revenue\nEUR 16\n" });
  });

  test("of a built-in name takes the built-in one's place", async () => {
    addKpi("aov", "SELECT 1 AS mine");
    await shop.passOnce();
    expect((await shop.latest()).aov).toBe("mine\n1\n");
  });

  test.each([
    ["is no SQL", "SELEC 1", /SELEC/],
    ["reads what is not there", "SELECT x FROM nowhere", /nowhere/],
    ["declares a type that there is not", "-- column profit gold\nSELECT 1 AS profit", /profit/],
    ["does not deliver a declared column", "-- column profit money\nSELECT 1 AS loss", /profit/],
  ])("that %s is a failure that names the file; the others are published", async (_, sql, message) => {
    addKpi("broken", sql);
    const { failures } = await shop.passOnce();
    expect(failures).toMatchObject([{ error: { code: "kpi_failed" } }]);
    expect(String(failures[0]?.error)).toContain(path.join(shop.kpiFolder, "broken.sql"));
    expect(String(failures[0]?.error)).toMatch(message);
    expect(Object.keys(await shop.latest())).toHaveLength(5);
  });

  test("of another pipeline's name is a failure: gold's folder of that name is the pipeline's", async () => {
    const [name = ""] = batchPipelines();
    addKpi(name, "SELECT 1 AS one");
    const { failures } = await shop.passOnce();
    expect(failures).toMatchObject([{ error: { code: "kpi_failed" } }]);
    expect(String(failures[0]?.error)).toContain(`${name} is a pipeline`);
    expect(Object.keys(await shop.latest())).toHaveLength(5);
  });

  test("whose file's name is not allowed is a failure that says so", async () => {
    addKpi("My KPI", "SELECT 1 AS one");
    const { failures } = await shop.passOnce();
    expect(String(failures[0]?.error)).toMatch(/My KPI\.sql.*a-z, 0-9 and _/);
    expect(Object.keys(await shop.latest())).toHaveLength(5);
  });

  test("appears when its file does, while the aggregator runs", async () => {
    const aggregator = await shop.aggregator();
    try {
      await aggregator.pass(new AbortController().signal);
      addKpi("mine", "SELECT 1 AS one");
      await aggregator.pass(new AbortController().signal);
      expect((await shop.latest()).mine).toBe("one\n1\n");
    } finally {
      await aggregator.close();
    }
  });

  test("that breaks keeps its last good version", async () => {
    addKpi("mine", "SELECT 1 AS one");
    await shop.passOnce();
    addKpi("mine", "SELEC");
    await shop.passOnce();
    expect((await shop.latest()).mine).toBe("one\n1\n");
    expect((await shop.manifest()).kpis.mine).toBeDefined();
  });
});
