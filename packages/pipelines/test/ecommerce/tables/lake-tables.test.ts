import { compareKeys } from "@ingot/common";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../../common/test/support/runs.ts";
import { compactDay } from "../../../src/ecommerce/tables/index.ts";
import { bronzeKey, DATASETS } from "../../../src/index.ts";
import {
  ask,
  customer,
  dayOf,
  openSession,
  order,
  type TestLake,
  temporaryLake,
  writeSilver,
} from "./silver-layer.ts";

const DAYS = ["2026-03-01", "2026-03-02"] as const;

async function compactAll(
  lake: TestLake,
  dataset: "orders" | "customers" | "clicks" = "orders",
): Promise<void> {
  const session = await openSession();
  for (const day of DAYS) {
    const listed = await dayOf(lake.silver, dataset, day);
    if (listed.objects.length > 0) await compactDay(lake.silver, listed, { session });
  }
}

/** What must hold before compaction, after it, and when something has come since. */
async function inEveryState(
  lake: TestLake,
  expectations: () => Promise<void>,
  change: () => Promise<void>,
  afterChange: () => Promise<void>,
): Promise<void> {
  await expectations();
  await compactAll(lake);
  await expectations();
  await change();
  await afterChange();
  await compactAll(lake);
  await afterChange();
}

describe("orders", () => {
  test("have the newest version of each; of equally new ones that of the later bronze key", async () => {
    const lake = temporaryLake();
    const late = "2026-03-01T13:00:00.000000Z";
    await writeSilver(lake.silver, "orders", "orders/dt=2026-03-01/orders_clean_b.csv", [
      order("A", { product: "stays", order_ts: late }),
      order("B", { product: "loses" }),
      order("C", { product: "alone", quantity: "" }),
    ]);
    await writeSilver(lake.silver, "orders", "orders/dt=2026-03-02/orders_clean_a.csv", [
      order("A", { product: "stale" }),
      order("B", { product: "wins the tie" }),
    ]);
    const products = () => ask(lake, "SELECT order_id, product, quantity FROM orders ORDER BY order_id");
    await inEveryState(
      lake,
      async () =>
        expect(await products()).toEqual([
          ["A", "stays", "1.0000"],
          ["B", "wins the tie", "1.0000"],
          ["C", "alone", null],
        ]),
      () =>
        writeSilver(lake.silver, "orders", "orders/dt=2026-03-01/orders_clean_late.csv", [
          order("C", { product: "newer", order_ts: late }),
        ]),
      async () => expect((await products())[2]).toEqual(["C", "newer", "1.0000"]),
    );
  });

  test("follow an object that was written again or deleted since its day was compacted", async () => {
    const lake = temporaryLake();
    const key = "orders/dt=2026-03-01/orders_clean_a.csv";
    const other = "orders/dt=2026-03-01/orders_clean_b.csv";
    await writeSilver(lake.silver, "orders", key, [order("A", { product: "before" }), order("B")]);
    await writeSilver(lake.silver, "orders", other, [order("C")]);
    const products = () => ask(lake, "SELECT order_id, product FROM orders ORDER BY order_id");
    await inEveryState(
      lake,
      async () =>
        expect(await products()).toEqual([
          ["A", "before"],
          ["B", "mug"],
          ["C", "mug"],
        ]),
      () => writeSilver(lake.silver, "orders", key, [order("A", { product: "after" })]),
      async () =>
        expect(await products()).toEqual([
          ["A", "after"],
          ["C", "mug"],
        ]),
    );
    await lake.silver.delete(other);
    expect(await products()).toEqual([["A", "after"]]);
  });

  test("compare bronze keys, byte for byte: silver's order, or UTF-16's, is another", async () => {
    const lake = temporaryLake();
    // In silver `orders_clean_a.csv.csv` is after `orders_clean_a-1.csv`; in bronze orders_a-1.json is before orders_a.csv.
    const keys = [
      "orders_clean_a-1.csv",
      "orders_clean_a.csv.csv",
      "orders_clean_\uffee.csv",
      "orders_clean_\u{1F600}.csv",
    ];
    const expected = keys
      .map((name) => bronzeKey(DATASETS.orders, `x/${name}`))
      .sort(compareKeys)
      .at(-1)!;
    for (const name of keys) {
      const key = `x/${name}`;
      await writeSilver(lake.silver, "orders", key, [
        order("A", { product: bronzeKey(DATASETS.orders, key) }),
      ]);
    }
    expect(await ask(lake, "SELECT product FROM orders")).toEqual([[expected]]);
    expect(await ask(lake, "SELECT count(*), max(bronze_key) FROM silver.orders")).toEqual([["4", expected]]);
  });

  test("are what a naive computation says, whatever is compacted and however it changes", {
    timeout: 120_000,
  }, async () => {
    const rows = fc.uniqueArray(
      fc.tuple(fc.constantFrom("A", "B", "C", "D", "E"), fc.integer({ min: 0, max: 2 })),
      { selector: ([id]) => id, maxLength: 5 },
    );
    const name = fc.constantFrom(
      "dt=2026-03-01/orders_clean_1",
      "dt=2026-03-01/orders_clean_2",
      "dt=2026-03-02/orders_clean_0",
      "dt=2026-03-02/orders_clean_3",
      "else/orders_clean_5",
    );
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ write: name, rows }) },
      { weight: 1, arbitrary: fc.record({ remove: name }) },
      { weight: 2, arbitrary: fc.constant({ compact: true }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        const lake = temporaryLake();
        const objects = new Map<string, { id: string; ts: string; mark: string }[]>();
        for (const [at, todo] of steps.entries()) {
          if ("compact" in todo) await compactAll(lake);
          else if ("remove" in todo) {
            objects.delete(`orders/${todo.remove}.csv`);
            await lake.silver.delete(`orders/${todo.remove}.csv`);
          } else {
            const key = `orders/${todo.write}.csv`;
            const versions = todo.rows.map(([id, hour]) => ({
              id,
              ts: `2026-03-01T0${hour}:00:00.000000Z`,
              mark: `${at}`,
            }));
            objects.set(key, versions);
            await writeSilver(
              lake.silver,
              "orders",
              key,
              versions.map(({ id, ts, mark }) => order(id, { order_ts: ts, product: mark })),
            );
          }
        }
        const newest = new Map<string, { ts: string; mark: string }>();
        for (const key of [...objects.keys()].sort()) {
          for (const { id, ts, mark } of objects.get(key)!) {
            if (ts >= (newest.get(id)?.ts ?? "")) newest.set(id, { ts, mark });
          }
        }
        const expected = [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, { mark }]) => [id, mark]);
        expect(await ask(lake, "SELECT order_id, product FROM orders ORDER BY order_id")).toEqual(expected);
        const raw = [...objects.values()].reduce((sum, { length }) => sum + length, 0);
        expect(await ask(lake, "SELECT count(*) FROM silver.orders")).toEqual([[String(raw)]]);
      }),
      { numRuns: runs(12) },
    );
  });
});

describe("customers and clicks", () => {
  test("a customer has the record that stands later; clicks are all there", async () => {
    const lake = temporaryLake();
    await writeSilver(lake.silver, "customers", "customers/dt=2026-03-02/customers_clean_a.csv", [
      customer("C1", "DE"),
    ]);
    await writeSilver(lake.silver, "customers", "customers/dt=2026-03-01/customers_clean_b.csv", [
      customer("C1", "FR"),
      customer("C2", "IT"),
    ]);
    const click = ["C1", "/", "2026-03-01T12:00:00.000000Z"];
    await writeSilver(lake.silver, "clicks", "clicks/dt=2026-03-01/clicks_clean_a.csv", [click, click]);
    const sql = "SELECT customer_id, country FROM customers ORDER BY 1";
    for (let round = 0; round < 2; round += 1) {
      expect(await ask(lake, sql)).toEqual([
        ["C1", "DE"],
        ["C2", "IT"],
      ]);
      expect(await ask(lake, "SELECT count(*), min(ts) FROM clicks")).toEqual([
        ["2", "2026-03-01T12:00:00Z"],
      ]);
      await compactAll(lake, "customers");
      await compactAll(lake, "clicks");
    }
  });
});

describe("gold", () => {
  test("has a typed table for each KPI of the manifest, read from the version that it names", async () => {
    const lake = temporaryLake();
    const columns = [
      "day date",
      "orders integer",
      "revenue money",
      "kilos quantity",
      "share number",
      "note text",
    ].map((text) => {
      const [name, type] = text.split(" ");
      return { name, type };
    });
    const entry = { columns, rows: 1, sha256: "", updated_at: "" };
    const kpis = {
      mine: { ...entry, key: "mine/mine_1.csv" },
      orders: { ...entry, key: "orders/orders_1.csv" },
    };
    const csv =
      'day,orders,revenue,kilos,share,note\n2026-03-01,9007199254740993,90071992547409930.10,1.5,0.25,"a\nb"\n,,,,,\n';
    for (const { key } of Object.values(kpis)) await lake.gold.write(key, Buffer.from(csv));
    await lake.gold.write("latest/manifest.json", Buffer.from(JSON.stringify({ kpis })));
    await writeSilver(lake.silver, "orders", "orders_clean_a.csv", [order("A")]);
    expect(await ask(lake, "FROM mine")).toEqual([
      ["2026-03-01", "9007199254740993", "90071992547409930.10", "1.5000", "0.25", "a\nb"],
      [null, null, null, null, null, ""],
    ]);
    expect(await ask(lake, "SELECT count(*) FROM gold.orders UNION ALL SELECT count(*) FROM orders")).toEqual(
      [["2"], ["1"]],
    );
    expect(await ask(lake, "SHOW TABLES")).toEqual([["clicks"], ["customers"], ["mine"], ["orders"]]);
  });
});

describe("what cannot be read as it should be", () => {
  test.each([
    ["order_id,product\nA,mug\n", /the header is not order_id,customer_id/],
    [`${DATASETS.orders.silverColumns.join(",")}\n${order("A").join(",")}`, /cut off/],
    [
      `${DATASETS.orders.silverColumns.join(",")}\n${order("A", { quantity: "many" }).join(",")}\n`,
      /many.*DECIMAL/s,
    ],
    [`${DATASETS.orders.silverColumns.join(",")}\nA,B\n`, /Expected Number of Columns: 9 Found: 2/],
    [
      `${DATASETS.orders.silverColumns.join(",")}\n${order("A", { order_date: "2026-02-30" }).join(",")}\n`,
      /2026-02-30/,
    ],
  ])("is an error that names the object, never a row less: %j", async (content, message) => {
    const lake = temporaryLake();
    await writeSilver(lake.silver, "orders", "orders/dt=2026-03-01/orders_clean_good.csv", [order("B")]);
    await lake.silver.write("orders/dt=2026-03-01/orders_clean_bad.csv", Buffer.from(content));
    const failing = ask(lake, "SELECT count(*), sum(quantity), max(order_date) FROM orders");
    await expect(failing).rejects.toThrow(message);
    await expect(ask(lake, "SELECT sum(quantity) + max(year(order_date)) FROM orders")).rejects.toThrow(
      "orders_clean_bad",
    );
    const session = await openSession();
    await expect(
      compactDay(lake.silver, await dayOf(lake.silver, "orders", "2026-03-01"), { session }),
    ).rejects.toThrow("orders_clean_bad");
    expect(await lake.silver.stat("parquet/orders/dt=2026-03-01/orders.parquet")).toBeUndefined();
  });

  test("a Parquet file that is damaged is named; one of another program is passed over", async () => {
    const lake = temporaryLake();
    await writeSilver(lake.silver, "orders", "orders/dt=2026-03-01/orders_clean_a.csv", [order("A")]);
    const session = await openSession();
    const file = `${session.folder}/foreign.parquet`;
    await session.run(`COPY (SELECT 1 AS a) TO '${file}' (FORMAT parquet)`);
    const { readFile } = await import("node:fs/promises");
    await lake.silver.write("parquet/orders/dt=2026-03-01/orders.parquet", await readFile(file));
    expect(await ask(lake, "SELECT order_id FROM orders")).toEqual([["A"]]);
    await lake.silver.write("parquet/orders/dt=2026-03-01/orders.parquet", Buffer.from("PAR1 no PAR1"));
    await expect(ask(lake, "FROM orders")).rejects.toMatchObject({
      code: "silver_invalid",
      message: expect.stringMatching(/orders\.parquet.*Delete it/s),
    });
    await compactAll(lake);
    expect(await ask(lake, "SELECT order_id FROM orders")).toEqual([["A"]]);
  });
});
