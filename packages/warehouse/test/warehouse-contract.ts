import { IngotError } from "@ingot/common";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { runs, runsTimeout } from "../../common/test/support/runs.ts";
import type { Warehouse } from "../src/index.ts";
import { history } from "./any-history.ts";
import { type Contents, naiveContents } from "./naive-warehouse.ts";
import { clicks, customers, order, orders, silver, silverOf, type TestObject } from "./silver-rows.ts";

/** What every warehouse has to do, whatever it stores in. `open` gives a new, empty one. */
export function describeWarehouse(name: string, open: () => Promise<Warehouse>): void {
  const openForTest = async (): Promise<Warehouse> => {
    const warehouse = await open();
    onTestFinished(() => warehouse.close());
    return warehouse;
  };
  const filled = async (...objects: TestObject[]): Promise<Warehouse> => {
    const warehouse = await openForTest();
    for (const object of objects) await warehouse.ingest([silver(object)]);
    return warehouse;
  };
  const column = async (warehouse: Warehouse, sql: string) =>
    (await warehouse.query(sql)).rows.map((row) => row.join("|"));

  describe(name, () => {
    test("an empty one has all tables and no rows", async () => {
      expect(await contentsOf(await openForTest())).toEqual(naiveContents([]));
    });

    test("amounts and quantities are whole 1/10000; an absent quantity stays absent and counts as 0", async () => {
      const warehouse = await filled(
        orders(
          "a",
          order("O1", { quantity: 15_000, total: 123_456 }),
          order("O2", { quantity: null, unitPrice: null }),
        ),
      );
      const sql = "SELECT quantity, unit_price, total_amount FROM orders ORDER BY order_id";
      expect((await warehouse.query(sql)).rows).toEqual([
        [15_000n, 250_000n, 123_456n],
        [null, null, 250_000n],
      ]);
      expect(await column(warehouse, "SELECT orders, quantity, revenue FROM sales")).toEqual([
        "2|15000|373456",
      ]);
    });

    test("sums beyond what a float holds stay exact", async () => {
      const total = 999_999_999_999_999;
      const many = Array.from({ length: 20 }, (_, index) => order(`O${index}`, { total }));
      const { rows } = await (await filled(orders("a", ...many))).query(
        "SELECT revenue FROM sales_by_channel",
      );
      expect(rows).toEqual([[20n * 999_999_999_999_999n]]);
    });

    test("the greatest order_ts wins, whichever comes first", async () => {
      const older = orders("z", order("O1", { ts: "2024-03-01T10:00:00.000001Z", product: "old" }));
      const newer = orders("a", order("O1", { ts: "2024-03-01T10:00:00.000002Z", product: "new" }));
      for (const objects of [
        [older, newer],
        [newer, older],
      ]) {
        expect(await column(await filled(...objects), "SELECT product, orders FROM sales")).toEqual([
          "new|1",
        ]);
      }
    });

    test("on equal order_ts the later bronze key wins, in UTF-8 byte order", async () => {
      // U+FF5E sorts before U+1F600 by bytes, but behind it in JavaScript's own order.
      const earlier = orders("dt/\uff5e", order("O1", { product: "earlier" }));
      const later = orders("dt/\u{1f600}", order("O1", { product: "later" }));
      for (const objects of [
        [earlier, later],
        [later, earlier],
      ]) {
        expect(await column(await filled(...objects), "SELECT product FROM orders")).toEqual(["later"]);
      }
    });

    test("a replaced order leaves its old day, product and channel, and an empty cell goes", async () => {
      const warehouse = await filled(
        orders("a", order("O1", { product: "old", channel: "store", ts: "2024-03-01T00:00:00.000000Z" })),
        orders("b", order("O1", { product: "new", channel: "web", ts: "2024-03-02T00:00:00.000000Z" })),
      );
      expect(await column(warehouse, "SELECT order_date, product, channel FROM sales")).toEqual([
        "2024-03-02|new|web",
      ]);
      expect(await column(warehouse, "SELECT product FROM sales_by_product")).toEqual(["new"]);
    });

    test("a customer who arrives later, or moves, takes all orders along", async () => {
      const warehouse = await filled(orders("a", order("O1"), order("O2", { product: "rug" })));
      const countries = () => column(warehouse, "SELECT country, orders FROM sales_by_country");
      expect(await countries()).toEqual(["NA|2"]);
      await warehouse.ingest([silver(customers("b", { customerId: "C1", country: "France" }))]);
      expect(await countries()).toEqual(["France|2"]);
      await warehouse.ingest([silver(customers("c", { customerId: "C1", country: "Spain" }))]);
      await warehouse.ingest([silver(customers("bb", { customerId: "C1", country: "Italy" }))]);
      expect(await countries()).toEqual(["Spain|2"]);
    });

    test("an object that is in already is not taken in again", async () => {
      const object = orders("a", order("O1"));
      const warehouse = await filled(object);
      const report = await warehouse.ingest([silver(object), silver(orders("b", order("O2")))]);
      expect(report.skipped).toEqual(["clean/a"]);
      expect(report.ingested).toMatchObject([{ key: "clean/b", dataset: "orders", rows: 1 }]);
      expect(await column(warehouse, "SELECT orders FROM sales_by_channel")).toEqual(["2"]);
    });

    test("the list of objects carries ETags, hashes and the cleaner's counts", async () => {
      const warehouse = await filled(clicks("clicks_1", {}));
      const { sha256 = "" } = (await warehouse.ingestedObjects()).get("clean/clicks_1") ?? {};
      expect(sha256).toHaveLength(64);
      await warehouse.setEtag("clean/clicks_1", "another");
      expect(await warehouse.ingestedObjects()).toEqual(
        new Map([["clean/clicks_1", { etag: "another", sha256 }]]),
      );
      const sql = "SELECT dataset, bronze_key, rows, read, kept, rejected, duplicates, reasons FROM objects";
      expect(await column(warehouse, sql)).toEqual(['clicks|clicks_1|1|4|1|2|1|{"invalid_ts":2}']);
    });

    test.each([
      ["too few values", ["O1", "C1"]],
      [
        "an amount that is none",
        ["O1", "C1", "lamp", "1", "x", "1.0000", "2024-03-01T10:00:00.000000Z", "2024-03-01", "web"],
      ],
      [
        "an instant in another form",
        ["O1", "C1", "lamp", "1", "1.0000", "1.0000", "2024-03-01 10:00", "2024-03-01", "web"],
      ],
      [
        "no order_id",
        ["", "C1", "lamp", "1", "1.0000", "1.0000", "2024-03-01T10:00:00.000000Z", "2024-03-01", "web"],
      ],
    ])("an object with %s stays out whole, named, and the others go in", async (_, row) => {
      const warehouse = await openForTest();
      const good = [
        "O2",
        "C1",
        "lamp",
        "1",
        "1.0000",
        "1.0000",
        "2024-03-01T10:00:00.000000Z",
        "2024-03-01",
        "web",
      ];
      const report = await warehouse.ingest([
        silverOf("bad", "orders", [good, good, row]),
        silver(orders("ok", order("O3"))),
      ]);
      expect(report.failed).toMatchObject([{ key: "clean/bad", error: { code: "silver_invalid" } }]);
      expect(await column(warehouse, "SELECT order_id FROM orders")).toEqual(["O3"]);
      expect([...(await warehouse.ingestedObjects()).keys()]).toEqual(["clean/ok"]);
    });

    test("clicks that break the contract keep their object out, in a step and in a rebuild", async () => {
      const warehouse = await openForTest();
      const good = ["", "", "2024-03-01T10:00:00.000000Z"];
      const bad = [
        ["C1", "/"],
        ["C1", "/", "2024-03-01 10:00"],
        ["C1", "/", ""],
        [...good, ""],
      ];
      const objects = bad.map((row, index) => silverOf(`bad${index}`, "clicks", [good, good, row]));
      for (const take of ["ingest", "rebuild"] as const) {
        const { failed, ingested } = await warehouse[take]([...objects, silver(clicks("ok", {}, {}))]);
        expect(failed).toMatchObject(
          bad.map((_, index) => ({
            key: `clean/bad${index}`,
            error: { code: "silver_invalid", context: { line: 4 } },
          })),
        );
        expect(ingested).toMatchObject([{ key: "clean/ok", rows: 2 }]);
        expect(await column(warehouse, "SELECT count(*), count(DISTINCT source) FROM clicks")).toEqual([
          "2|1",
        ]);
      }
    });

    test("the revision changes with the contents and only with them", async () => {
      const warehouse = await filled(orders("a", order("O1")));
      const revision = await warehouse.revision();
      await warehouse.ingest([silver(orders("a", order("O1")))]);
      expect(await warehouse.revision()).toBe(revision);
      await warehouse.ingest([silver(orders("b", order("O2")))]);
      expect(await warehouse.revision()).not.toBe(revision);
    });

    test("a query cannot write, and its failure carries the engine's message", async () => {
      const warehouse = await filled(orders("a", order("O1")));
      await expect(warehouse.query("DELETE FROM orders")).rejects.toMatchObject({ code: "query_failed" });
      await expect(warehouse.query("SELECT 1 FROM nowhere")).rejects.toThrow("nowhere");
      expect(await column(warehouse, "SELECT order_id FROM orders")).toEqual(["O1"]);
    });

    test("a rebuild holds what it is given and nothing of before", async () => {
      const warehouse = await filled(orders("a", order("O1")), orders("b", order("O2")));
      const revision = await warehouse.revision();
      const replacement = [
        orders("b", order("O2", { product: "rug" })),
        customers("c", { customerId: "C1", country: "Peru" }),
      ];
      await warehouse.rebuild(replacement.map(silver));
      expect(await contentsOf(warehouse)).toEqual(naiveContents(replacement));
      expect([...(await warehouse.ingestedObjects()).keys()].sort()).toEqual(["clean/b", "clean/c"]);
      expect(await warehouse.revision()).not.toBe(revision);
    });

    test("readers see the old contents until a rebuild has ended, also where it fails", async () => {
      const before = orders("a", order("O1"));
      const warehouse = await filled(before);
      const unreachable = new IngotError("storage_unavailable", "no answer");
      let seen: Contents | undefined;
      const failing = {
        ...silver(orders("b", order("O2"))),
        open: async () => {
          seen = await contentsOf(warehouse);
          throw unreachable;
        },
      };
      await expect(warehouse.rebuild([silver(orders("aa", order("O9"))), failing])).rejects.toBe(unreachable);
      expect(seen).toEqual(naiveContents([before]));
      expect(await contentsOf(warehouse)).toEqual(naiveContents([before]));
      await warehouse.ingest([silver(orders("b", order("O2")))]);
      expect(await contentsOf(warehouse)).toEqual(naiveContents([before, orders("b", order("O2"))]));
    });

    test("calls that overlap do not mix", async () => {
      const warehouse = await openForTest();
      const objects = Array.from({ length: 12 }, (_, index) => orders(`o${index}`, order(`O${index % 5}`)));
      await Promise.all(objects.map((object) => warehouse.ingest([silver(object)])));
      expect(await contentsOf(warehouse)).toEqual(naiveContents(objects));
    });

    test("a rebuild leaves out an object that breaks in its middle, and names it", async () => {
      const warehouse = await openForTest();
      const good = [
        customers("a", { customerId: "C1", country: "Peru" }),
        orders("c", order("O2")),
        clicks("cc", {}, {}),
      ];
      const broken = [
        clicks("aa", {}, {}, { page: "/nowhere", ts: "yesterday" }),
        orders("b", order("O1"), order("O3"), order("O4"), order("O5", { ts: "yesterday" })),
        orders("d", order("O2", { product: "rug" }), order("O6", { date: "soon" })),
      ];
      const { ingested, failed } = await warehouse.rebuild([...broken, ...good].map(silver));
      expect(ingested.map(({ key, rows }) => `${key} ${rows}`).sort()).toEqual([
        "clean/a 1",
        "clean/c 1",
        "clean/cc 2",
      ]);
      expect(failed).toMatchObject([
        { key: "clean/aa", error: { code: "silver_invalid", context: { line: 4 } } },
        { key: "clean/b", error: { code: "silver_invalid", context: { line: 5 } } },
        { key: "clean/d", error: { code: "silver_invalid", context: { line: 3 } } },
      ]);
      expect(await contentsOf(warehouse)).toEqual(naiveContents(good));
    });

    test("a rebuild that is stopped throws the reason and has changed nothing", async () => {
      const before = orders("a", order("O1"));
      const warehouse = await filled(before);
      const stop = new AbortController();
      const endless = {
        ...silver(orders("b", order("O2"))),
        open: async () => {
          stop.abort(new Error("stopped"));
          return silver(orders("b", order("O2"))).open();
        },
      };
      const { signal } = stop;
      await expect(warehouse.rebuild([endless], { signal })).rejects.toThrow("stopped");
      expect(await contentsOf(warehouse)).toEqual(naiveContents([before]));
      await expect(warehouse.rebuild([], { signal })).rejects.toThrow("stopped");
      await warehouse.ingest([silver(orders("c", order("O3")))]);
      expect(await contentsOf(warehouse)).toEqual(naiveContents([before, orders("c", order("O3"))]));
    });

    test("instants keep all their digits, in whatever century", async () => {
      const instants = [
        "0001-01-01T00:00:00.000001Z",
        "1969-12-31T23:59:59.999999Z",
        "2024-02-29T12:30:00.123456Z",
        "9999-12-31T23:59:59.999999Z",
      ];
      const objects = [
        orders("a", ...instants.map((ts) => order(`O${ts}`, { ts }))),
        clicks("b", ...instants.map((ts) => ({ ts }))),
      ];
      const rebuilt = await openForTest();
      await rebuilt.rebuild(objects.map(silver));
      for (const warehouse of [await filled(...objects), rebuilt]) {
        expect(await column(warehouse, "SELECT order_ts FROM orders ORDER BY 1")).toEqual(instants);
        expect(await column(warehouse, "SELECT ts FROM clicks ORDER BY 1")).toEqual(instants);
      }
    });

    test(
      "a rebuild gives what a naive computation gives, whatever came before and comes after",
      async () => {
        const everyWay = fc.record({ history, late: fc.nat({ max: 6 }), seed: fc.nat() });
        await fc.assert(
          fc.asyncProperty(everyWay, async ({ history: { objects, batches }, late, seed }) => {
            const warehouse = await open();
            try {
              for (const batch of batches)
                await warehouse.ingest(batch.map((index) => silver(objects[index % objects.length]!)));
              const shuffled = objects.toSorted((a, b) => hash(seed, a.bronzeKey) - hash(seed, b.bronzeKey));
              const present = shuffled.slice(late);
              await warehouse.rebuild(present.map(silver));
              expect(await contentsOf(warehouse)).toEqual(naiveContents(present));
              await warehouse.ingest(shuffled.map(silver));
              expect(await contentsOf(warehouse)).toEqual(naiveContents(objects));
            } finally {
              await warehouse.close();
            }
          }),
          { numRuns: runs(12) },
        );
      },
      runsTimeout(60_000),
    );

    test(
      "conditions are counted along with every step, as if all rows were counted anew",
      async () => {
        await fc.assert(
          fc.asyncProperty(history, fc.nat({ max: 6 }), async ({ objects, batches }, startAt) => {
            const warehouse = await open();
            try {
              for (const [index, batch] of [...batches, []].entries()) {
                await warehouse.ingest(batch.map((each) => silver(objects[each % objects.length]!)));
                const isWatching = index >= Math.min(startAt, batches.length);
                if (isWatching)
                  expect(await warehouse.countRows(CONDITIONS)).toEqual(await countsOf(warehouse));
              }
            } finally {
              await warehouse.close();
            }
          }),
          { numRuns: runs(20) },
        );
      },
      runsTimeout(60_000),
    );

    test("conditions are counted anew after a rebuild", async () => {
      const warehouse = await filled(orders("a", order("O1", { product: "P1" })));
      await warehouse.countRows(CONDITIONS);
      await warehouse.rebuild([silver(orders("b", order("O2", { quantity: null }), order("O3")))]);
      expect(await warehouse.countRows(CONDITIONS)).toEqual(await countsOf(warehouse));
    });

    test("a long history is counted as a short one is, also while it grows", async () => {
      const long = Array.from({ length: 50_500 }, (_, index) =>
        order(`O${index}`, { channel: index % 3 === 0 ? "web" : "store" }),
      );
      const warehouse = await openForTest();
      await warehouse.rebuild([silver(orders("a", ...long))]);
      const web = { table: "orders", condition: "channel = 'web'" } as const;
      const counts = warehouse.countRows([web]);
      await warehouse.ingest([silver(orders("b", order("O0", { channel: "store" }), order("new")))]);
      expect([16_834, 16_833 + 1]).toContain((await counts)[0]);
      expect(await warehouse.countRows([web])).toEqual([16_834]);
      const broken = { table: "orders", condition: "chanel = 'web'" } as const;
      await expect(warehouse.countRows([broken])).rejects.toMatchObject({ code: "query_failed" });
    });

    test("what is no condition is an error that spoils no others", async () => {
      const warehouse = await filled(orders("a", order("O1", { channel: "web" })));
      const web = { table: "orders", condition: "channel = 'web'" } as const;
      const broken = { table: "orders", condition: "chanel = 'web'" } as const;
      await expect(warehouse.countRows([web, broken])).rejects.toMatchObject({
        code: "query_failed",
        message: expect.stringContaining("chanel"),
      });
      expect(await warehouse.countRows([web])).toEqual([1]);
    });

    test("a query aside answers as any other does, and fails as one does", async () => {
      const warehouse = await filled(orders("a", order("O1")));
      const sql = "SELECT order_id, total_amount FROM orders";
      expect(await warehouse.queryAside(sql)).toEqual(await warehouse.query(sql));
      await expect(warehouse.queryAside("SELECT nothing")).rejects.toMatchObject({ code: "query_failed" });
    });

    test(
      "any order of arrival, any grouping and any repetition give what a naive computation gives",
      async () => {
        await fc.assert(
          fc.asyncProperty(history, async ({ objects, batches }) => {
            const warehouse = await open();
            try {
              for (const batch of batches) {
                await warehouse.ingest(batch.map((index) => silver(objects[index % objects.length]!)));
              }
              await warehouse.ingest(objects.map(silver));
              expect(await contentsOf(warehouse)).toEqual(naiveContents(objects));
            } finally {
              await warehouse.close();
            }
          }),
          { numRuns: runs(50) },
        );
      },
      runsTimeout(60_000),
    );
  });
}

const hash = (seed: number, text: string): number =>
  [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, seed % 65_521);

const CONDITIONS = [
  { table: "orders", condition: "channel = 'ch1' or product in ('P1', 'P2') -- with a comment" },
  { table: "orders", condition: "quantity is null" },
  { table: "orders", condition: "order_ts < '2024-03-02' and unit_price > 1" },
  { table: "customers", condition: "country = 'NA'" },
  { table: "clicks", condition: "page = '' or ts > '2024-03-02'" },
] as const;

async function countsOf(warehouse: Warehouse): Promise<number[]> {
  const counts = CONDITIONS.map(async ({ table, condition }) => {
    const { rows } = await warehouse.query(`SELECT count(*) FROM ${table} WHERE ${condition}`);
    return Number(rows[0]![0]);
  });
  return Promise.all(counts);
}

async function contentsOf(warehouse: Warehouse): Promise<Contents> {
  const rows = async (columns: string, table: string): Promise<string[]> =>
    (await warehouse.query(`SELECT ${columns} FROM ${table}`)).rows.map((row) => row.join("|")).sort();
  const sums = "orders, quantity, revenue";
  return {
    orders: await rows(
      "order_id, customer_id, product, quantity, unit_price, total_amount, order_ts, order_date, channel",
      "orders",
    ),
    customers: await rows("customer_id, country", "customers"),
    clicks: await rows("customer_id, page, ts", "clicks"),
    sales: await rows(`order_date, product, channel, country, ${sums}`, "sales"),
    sales_by_day: await rows(`order_date, ${sums}`, "sales_by_day"),
    sales_by_product: await rows(`product, ${sums}`, "sales_by_product"),
    sales_by_channel: await rows(`channel, ${sums}`, "sales_by_channel"),
    sales_by_country: await rows(`country, ${sums}`, "sales_by_country"),
  };
}
