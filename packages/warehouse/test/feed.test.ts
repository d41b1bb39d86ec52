import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { runs, runsTimeout } from "../../common/test/support/runs.ts";
import { openSalesFeed, SqliteWarehouse } from "../src/index.ts";
import { anyObjects } from "./any-history.ts";
import { FeedFollower } from "./feed-follower.ts";
import { clicks, customers, order, orders, silver, type TestObject } from "./silver-rows.ts";

const LAKE = "file:///lake";
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function temporaryFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-feed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, "ecommerce.sqlite");
}

function openWarehouse(file: string): SqliteWarehouse {
  const warehouse = SqliteWarehouse.open({ file, lakeUrl: LAKE });
  onTestFinished(() => warehouse.close());
  return warehouse;
}

async function filledFile(...objects: TestObject[]): Promise<{ file: string; warehouse: SqliteWarehouse }> {
  const file = temporaryFile();
  const warehouse = openWarehouse(file);
  await warehouse.ingest(objects.map(silver));
  return { file, warehouse };
}

/** What a follower should hold, by fresh SQL. */
async function contentsOf(warehouse: SqliteWarehouse) {
  const rows = async (sql: string): Promise<string[]> =>
    (await warehouse.query(sql)).rows.map((row) => row.join("|")).sort();
  return {
    orders: await rows("SELECT customer_id, product, channel, order_date FROM orders"),
    customers: await rows("SELECT customer_id, country FROM customers"),
    clicks: await rows(
      "SELECT customer_id, page, unixepoch(substr(ts, 1, 19)) * 1000000 + substr(ts, 21, 6) FROM clicks",
    ),
    sales: await rows("SELECT * FROM sales"),
  };
}

/** Objects in the order of their arrival. */
const arrivals = fc
  .array(anyObjects, { minLength: 1, maxLength: 3 })
  .map((lists) =>
    lists.flatMap((list, index) =>
      list.map((object) => ({ ...object, bronzeKey: `${object.bronzeKey}-${index}` })),
    ),
  );
const asOnes = { size: "max", maxLength: 12 } as const;

describe("who follows a feed holds what fresh SQL says", () => {
  test.each([
    ["whatever comes in, and whenever they look", ["ingest", "ingest", "look"], 60],
    ["also when the file is filled anew", ["ingest", "ingest", "look", "look", "rebuild"], 6],
  ])(
    "%s",
    async (_, actions, count) => {
      const anything = fc.record({
        objects: arrivals,
        steps: fc.array(fc.constantFrom(...actions), asOnes),
        isShared: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(anything, async ({ objects, steps, isShared }) => {
          const folder = mkdtempSync(path.join(tmpdir(), "ingot-feed-"));
          const file = path.join(folder, "ecommerce.sqlite");
          const warehouse = SqliteWarehouse.open({ file, lakeUrl: LAKE });
          // A file that others have open is filled anew where it is; any other gives way to a new one.
          const other = isShared ? SqliteWarehouse.open({ file, lakeUrl: LAKE }) : undefined;
          try {
            const follower = new FeedFollower(openSalesFeed(file));
            for (const [index, action] of [...steps, "look"].entries()) {
              const its = objects.slice(index, index + 2).map(silver);
              if (action === "ingest") await warehouse.ingest(its);
              else if (action === "rebuild") await warehouse.rebuild(its);
              else {
                follower.follow();
                expect(follower.contents()).toEqual(await contentsOf(warehouse));
                expect(follower.follow()).toEqual([]);
              }
            }
          } finally {
            await other?.close();
            await warehouse.close();
            rmSync(folder, { recursive: true, force: true });
          }
        }),
        { numRuns: runs(count) },
      );
    },
    runsTimeout(60_000),
  );
});

describe("a feed", () => {
  test("names the days that a step has changed, and no others", async () => {
    const day = (number: number) => ({ ts: `2024-03-0${number}T10:00:00.000000Z` });
    const { file, warehouse } = await filledFile(
      orders("a", order("O1", day(1)), order("O2", day(2)), order("O3", { ...day(3), customerId: "C3" })),
    );
    const follower = new FeedFollower(openSalesFeed(file));
    expect(follower.follow()).toHaveLength(3);
    await warehouse.ingest([
      silver(customers("b", { customerId: "C3", country: "Peru" })),
      silver(clicks("c", {})),
    ]);
    expect(follower.follow()).toEqual(["2024-03-03"]);
    await warehouse.ingest([silver(orders("d", order("O1", day(4))))]);
    expect(follower.follow()).toEqual(["2024-03-04"]);
    await warehouse.rebuild([silver(orders("a", order("O1", day(1))))]);
    expect(openSalesFeed(file).snapshot((sales) => sales.days())).toEqual([
      { order_date: "2024-03-01", changed: 0 },
    ]);
  });

  test("lists rows that were changed in place; who asks for more than it remembers reads anew", async () => {
    const { file, warehouse } = await filledFile(
      orders("a", order("O1"), order("O2")),
      customers("b", { customerId: "C1", country: "Peru" }, { customerId: "C2", country: "Peru" }),
    );
    const feed = openSalesFeed(file);
    expect(feed.snapshot((sales) => [sales.lastReplaced(), sales.replaced(0)])).toEqual([0, []]);
    await warehouse.ingest([
      silver(orders("c", order("O2", { channel: "store" }), order("O3"))),
      silver(customers("d", { customerId: "C1", country: "Peru" }, { customerId: "C2", country: "Chad" })),
    ]);
    expect(feed.snapshot((sales) => [sales.lastReplaced(), sales.replaced(0)])).toEqual([
      2,
      [
        { seq: 1, table: "orders", id: 2 },
        { seq: 2, table: "customers", id: 2 },
      ],
    ]);
    const long = new DatabaseSync(file);
    long.exec("INSERT INTO replaced_rows VALUES (100001, 'orders', 1)");
    long.close();
    await warehouse.ingest([silver(orders("e", order("O1", { channel: "fax" })))]);
    const [gone, kept] = feed.snapshot((sales) => [sales.replaced(1), sales.replaced(100_001)]);
    expect([gone, kept]).toEqual([undefined, [{ seq: 100_002, table: "orders", id: 1 }]]);
  });

  test("gives rows in pieces, from any id on, and amounts beyond what a float holds", async () => {
    const total = 999_999_999_999_999;
    const rows = Array.from({ length: 2_500 }, (_, index) =>
      order(`O${index}`, { total, customerId: `C${index}` }),
    );
    const { file } = await filledFile(
      orders("a", ...rows),
      clicks("b", { ts: "9999-12-31T23:59:59.999999Z" }),
    );
    const { all, rest, cells, first, last } = openSalesFeed(file).snapshot((sales) => {
      for (const order of sales.orders(0)) if (order[0] === 3) break;
      return {
        all: [...sales.orders(0)].map(([id, customerId]) => [id, customerId]),
        rest: [...sales.orders(1_499)].map(([id]) => id),
        cells: [...sales.cells("2024-03-01")],
        first: sales.orderRow(1)?.[1],
        last: [...sales.clicks(0)][0]?.[3],
      };
    });
    expect(all).toEqual(rows.map(({ customerId }, index) => [index + 1, customerId]));
    expect(rest).toEqual(all.slice(1_499).map(([id]) => id));
    expect(cells.map((cell) => cell.slice(3))).toEqual([[2_500, 25_000_000, 2_500n * BigInt(total)]]);
    const sums = openSalesFeed(file).snapshot((sales) => [sales.lastIds(), sales.revenueBy("channel")]);
    expect(sums).toEqual([
      { orders: 2_500, customers: 0, clicks: 1 },
      [{ name: "web", revenue: 2_500n * BigInt(total) }],
    ]);
    expect([first, last]).toEqual(["C0", Date.parse("9999-12-31T23:59:59.999Z") * 1000 + 999]);
  });

  test("sees one state in a snapshot while other processes write, and holds nothing in between", async () => {
    const { file, warehouse } = await filledFile(orders("a", order("O1")));
    await warehouse.close();
    const feed = openSalesFeed(file);
    const seen = feed.snapshot((sales) => {
      const before = [sales.revision(), ...sales.orders(0)];
      const { status } = spawnSync(process.execPath, [script("./open-and-ingest.ts"), file, "b"]);
      return { before, status, after: [sales.revision(), ...sales.orders(0)] };
    });
    expect(seen).toMatchObject({ status: 0, after: seen.before });
    expect(feed.snapshot((sales) => [...sales.orders(0)])).toHaveLength(2);
    const { ino } = statSync(file);
    const rebuilt = openWarehouse(file);
    await rebuilt.rebuild([silver(orders("c", order("O3")))]);
    expect(statSync(file).ino).not.toBe(ino);
    expect(feed.snapshot((sales) => [...sales.orders(0)])).toHaveLength(1);
  });

  test("says what to do where there is no warehouse, or none that it can use", async () => {
    const file = temporaryFile();
    const errorOf = () => {
      try {
        openSalesFeed(file);
        return undefined;
      } catch (error) {
        return error;
      }
    };
    const missing = {
      code: "warehouse_missing",
      message: expect.stringMatching(/Start the aggregator.*WAREHOUSE_URL/),
    };
    expect(errorOf()).toMatchObject(missing);
    const database = new DatabaseSync(file);
    onTestFinished(() => database.close());
    expect(errorOf()).toMatchObject(missing);
    database.exec("CREATE TABLE accounts (id INTEGER)");
    expect(errorOf()).toMatchObject({
      code: "warehouse_invalid",
      message: expect.stringContaining("other tables"),
    });
    database.exec("DROP TABLE accounts");
    await openWarehouse(file).close();
    expect(errorOf()).toBeUndefined();
    for (const [version, code, message] of [
      [1, "warehouse_invalid", "older version of Ingot. Start"],
      [999, "warehouse_invalid", "newer version"],
      [0, "warehouse_busy", "filled anew"],
    ]) {
      database.exec(`PRAGMA user_version = ${version}`);
      expect(errorOf()).toMatchObject({ code, message: expect.stringContaining(String(message)) });
    }
  });
});

const NOBODY = 65_534;

/** Somebody who may write neither to a file nor to its folder. Answers how many orders they see. */
function startReader(): (file: string) => Promise<string | undefined> {
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(process.execPath, [script("./read-feed.ts")], {
    ...user,
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (file) => {
    const folder = path.dirname(file);
    const setModes = (ofFiles: number, ofFolder: number): void => {
      for (const name of readdirSync(folder)) chmodSync(path.join(folder, name), ofFiles);
      chmodSync(folder, ofFolder);
    };
    setModes(0o444, 0o555);
    child.stdin.write(`${file}\n`);
    const { value } = await lines.next();
    setModes(0o644, 0o755);
    return value;
  };
}

describe.skipIf(process.platform === "win32")("a feed of a file in a folder that it may not write to", () => {
  test("reads what a process writes, what one has left behind, and what nobody has open", async () => {
    const { file, warehouse } = await filledFile(orders("a", order("O1")));
    const ordersIn = startReader();
    expect(await ordersIn(file)).toBe("1");
    await warehouse.ingest([silver(orders("b", order("O2")))]);
    expect(await ordersIn(file)).toBe("2");
    const killed = path.join(temporaryFile(), "..", "killed");
    cpSync(path.dirname(file), killed, { recursive: true });
    expect(readdirSync(killed)).toHaveLength(3);
    chmodSync(path.dirname(killed), 0o755);
    expect(await ordersIn(path.join(killed, path.basename(file)))).toBe("2");
    await warehouse.close();
    expect(readdirSync(path.dirname(file))).toHaveLength(1);
    expect(await ordersIn(file)).toBe("2");
    expect(readdirSync(path.dirname(file))).toHaveLength(1);
  });
});
