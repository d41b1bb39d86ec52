import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { CellSums } from "../src/sqlite/bulk/cell-sums.ts";
import { CountryLookup } from "../src/sqlite/bulk/country-lookup.ts";
import { FileBuilder } from "../src/sqlite/bulk/file-builder.ts";
import { Packer } from "../src/sqlite/bulk/parts.ts";
import { SalesWriter } from "../src/sqlite/bulk/sales-writer.ts";
import { RowInserter } from "../src/sqlite/row-inserter.ts";
import { keyOf } from "../src/sqlite/row-keys.ts";
import { SCHEMA } from "../src/sqlite/schema.ts";
import { order, orders, silverRows } from "./silver-rows.ts";

function emptyDatabase(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  onTestFinished(() => database.close());
  database.exec(SCHEMA);
  return database;
}

describe("the cube in memory", () => {
  test("has each cell once, with its sums, in the order of the keys", () => {
    const cells = new CellSums();
    const ranks = new Uint32Array([1, 0, 2]);
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 3 * 1000; index++)
        cells.add(1, index % 3, 1 + (index % 50), 1 + (index % 7), 5, 10, index);
    }
    const found = [...cells.inOrder(ranks)];
    expect(found).toHaveLength(cells.size);
    expect(found.reduce((sum, { orders }) => sum + Number(orders), 0)).toBe(6000);
    expect(found.reduce((sum, { revenue }) => sum + Number(revenue), 0)).toBe(2999 * 3000);
    const keys = found.map(({ date, product, channel }) => [ranks[date]!, product, channel]);
    const inOrder = keys.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!);
    expect(keys).toEqual(inOrder);
  });

  test("is exact beyond what a float holds, upwards and downwards, also when it has grown", () => {
    const cells = new CellSums();
    const huge = Number.MAX_SAFE_INTEGER;
    for (let time = 0; time < 5; time++) cells.add(1, 0, 1, 1, 1, huge, huge);
    for (let index = 0; index < 5000; index++) cells.add(1, 0, 2, 1, index, 1, 1);
    cells.add(-1, 0, 1, 1, 1, 1, huge);
    const [cell] = cells.inOrder(new Uint32Array([0]));
    expect(cell).toMatchObject({ orders: 4, quantity: 5n * BigInt(huge) - 1n, revenue: 4n * BigInt(huge) });
  });

  test("takes labels whose ids are too large to be sorted", () => {
    const cells = new CellSums();
    for (const product of [4_000_000_000, 3, 4_000_000_000]) cells.add(1, 0, product, 3_000_000_000, 7, 1, 1);
    const found = [...cells.inOrder(new Uint32Array([0]))].map(({ product, orders }) => [product, orders]);
    expect(found.toSorted()).toEqual([
      [3, 1],
      [4_000_000_000, 2],
    ]);
  });
});

describe("sales", () => {
  test("are the same however often the cube did not fit into memory", () => {
    const order = fc.tuple(
      fc.nat({ max: 2 }),
      fc.constantFrom(1, 2),
      fc.constantFrom(1, 2),
      fc.nat({ max: 9 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(order, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (orders, most) => {
        const written = [most, 1000].map((limit) => {
          const database = emptyDatabase();
          database.exec("INSERT INTO labels VALUES (2, 'two')");
          const sales = new SalesWriter(database, ["2024-01-02", "2024-01-01", "2024-01-03"], limit);
          for (const sign of [1, -1] as const) {
            for (const [date, product, channel, amount, isReplaced] of orders) {
              const sums = { quantity: amount, revenue: amount };
              if (sign === 1 || isReplaced) sales.add(sign, date, product, channel, 1, sums);
            }
          }
          sales.finish();
          const tables = [
            "sales",
            "sales_by_day",
            "sales_by_product",
            "sales_by_channel",
            "sales_by_country",
          ];
          return tables.map((table) => database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3, 4`).all());
        });
        expect(written[0]).toEqual(written[1]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("pages", () => {
  test("are the same however few of them the packer keeps in memory", () => {
    const visits = ["/a", "/b", "/a", "lamp", "/c", "/b", "NA"].map((page) => [
      "C1",
      page,
      "2024-03-01T10:00:00.000000Z",
    ]);
    const bought = silverRows(orders("b", order("O1"), order("O2", { product: "/c", channel: "/a" })));
    const built = [0, 2, 3, 1000].map((most) => {
      const folder = mkdtempSync(path.join(tmpdir(), "ingot-bulk-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const builder = new FileBuilder(path.join(folder, "new.sqlite"), "lake");
      const packer = new Packer(most);
      const steps = [
        packer.clicks(1, visits.slice(0, 5), () => undefined),
        packer.orders(2, bought, () => undefined),
      ];
      for (const part of [...steps, packer.clicks(3, visits, () => undefined)]) {
        builder.add(part);
        builder.add({
          kind: "object",
          row: [part.source, `${part.source}`, "", "", "", "", 0, 0, 0, 0, 0, "{}", ""],
        });
      }
      builder.finish();
      const database = new DatabaseSync(path.join(folder, "new.sqlite"));
      onTestFinished(() => database.close());
      const all = (sql: string) => database.prepare(sql).all();
      expect(all("SELECT name FROM labels GROUP BY name HAVING count(*) > 1")).toEqual([]);
      return [
        all("SELECT * FROM clicks"),
        all("SELECT order_id, product, channel FROM orders"),
        all("SELECT * FROM sales ORDER BY 2"),
      ];
    });
    expect(built[0]![0]!.map(({ page }) => page)).toEqual(
      [...visits.slice(0, 5), ...visits].map(([, page]) => page),
    );
    for (const contents of built) expect(contents).toEqual(built[0]);
  });
});

describe("rows that are inserted several at a time", () => {
  test.each([0, 1, 31, 32, 33, 100])("are all there, in their order, when it is %i of them", (count) => {
    const database = emptyDatabase();
    const rows = new RowInserter(database, "labels", 2);
    for (let row = 0; row < count; row++) {
      rows.add(2 + row);
      rows.add(`name ${row}`);
    }
    rows.flush();
    rows.flush();
    const stored = database.prepare("SELECT id, name FROM labels WHERE id > 1 ORDER BY id").all();
    expect(stored).toEqual(Array.from({ length: count }, (_, row) => ({ id: 2 + row, name: `name ${row}` })));
  });

  test("follow the clause for those that are there already", () => {
    const database = emptyDatabase();
    for (let round = 0; round < 2; round++) {
      const clause = "ON CONFLICT DO UPDATE SET orders = orders + excluded.orders";
      const rows = new RowInserter(database, "sales_by_channel", 4, clause);
      for (let row = 0; row < 40; row++) for (const value of [`channel ${row}`, row, 0, 0]) rows.add(value);
      rows.flush();
    }
    const sums = database
      .prepare("SELECT count(*) AS count, sum(orders) AS orders FROM sales_by_channel")
      .get();
    expect(sums).toEqual({ count: 40, orders: 2 * 780 });
  });
});

describe("countries of customers", () => {
  const long = "L".repeat(70_000);
  const ids = [
    "C1",
    "c1",
    "",
    "C\u{1f600}",
    long,
    ...Array.from({ length: 500 }, (_, index) => `K${index * 7}`),
  ];

  test.each([
    ["all in memory", { customers: 1000, characters: 100_000 }],
    ["some in memory", { customers: 20, characters: 100_000 }],
    ["as many as there is room for in memory", { customers: 1000, characters: 50 }],
    ["none in memory", { customers: 0, characters: 0 }],
  ])("are found by id with %s, and only by the whole id", (_, limits) => {
    const database = emptyDatabase();
    const insert = database.prepare("INSERT INTO customer_rows VALUES (NULL, ?, ?, '', '', '', ?, '', 1)");
    for (const [index, id] of ids.entries()) insert.run(keyOf(id), id, index + 2);
    const lookup = new CountryLookup(database, limits);
    for (const [index, id] of ids.entries()) expect(lookup.of(id, keyOf(id))).toBe(index + 2);
    for (const id of ["C2", "K1", "K8", long.slice(0, 65_536)]) expect(lookup.of(id, keyOf(id))).toBe(1);
    // Another id with a key that is there.
    expect(lookup.of("#1", keyOf("C1"))).toBe(1);
  });
});
