import { rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { drop, emptyShop, order, type Shop } from "./quarantine-support.ts";

interface Version {
  standing: string;
  silver: { key: string; row: number; is_pruned: boolean; values: Record<string, string>; kept: number };
  bronze: {
    key: string;
    state: string;
    etag: string | null;
    cleaned_etag: string;
    is_same_row?: boolean;
    records: { place: string; raw: string; fate: string; reason?: string }[];
  };
  cleaned_at: string;
  code_version: string;
  /** `null` where there is no warehouse. */
  taken_in: boolean | null;
  taken_in_at: string | null;
}
interface OrderAnswer {
  order_id: string;
  versions: Version[];
  rejected: { bronze_key: string; quarantine_key: string; place: string; reason: string; raw: string }[];
}

const STEERING = /[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u;
const DAY = "orders/dt=2026-01-01";
const KEYS = { a: `${DAY}/orders_a.json`, b: `${DAY}/orders_b.csv`, c: `${DAY}/orders_c.jsonl` };

const json = async <T>({ run }: Shop, ...args: string[]): Promise<T> =>
  JSON.parse(await run("lineage", ...args, "--json"));

/** Four versions of O1 in three files of as many formats, one of them rejected, one a duplicate in its file. */
async function versionsShop(): Promise<Shop> {
  const shop = emptyShop();
  const records = [order("O0"), { ...order("O1", "2026-01-01T10:00:00Z"), quantity: 1 }, order("O2")];
  const last = { ...order("O1", "2026-01-01T11:00:00Z"), product: "Tea\u001b[31m" };
  drop(shop, KEYS.a, JSON.stringify([...records, last]).replace('"O1"', '"\\u004f1"'));
  drop(shop, KEYS.b, "order_id;product;total_amount;order_ts\nO1;Coffee;7;2026-01-01T12:00:00Z\n");
  drop(shop, KEYS.c, `${JSON.stringify(order("O1", "never"))}\n${JSON.stringify(order("O3"))}\n`);
  await shop.run("clean", "--once");
  await shop.run("aggregate", "--once");
  return shop;
}

describe("the lineage of an order", () => {
  it("is every version with its raw record, which of them counts, and why the others do not", async () => {
    const shop = await versionsShop();
    const [{ versions, rejected }, text, plain] = await Promise.all([
      json<OrderAnswer>(shop, "O1"),
      shop.run("lineage", "O1"),
      shop.run("lineage", "O1", "--json"),
    ]);
    expect(
      versions.map(({ standing, silver, bronze }) => [standing, silver.row, bronze.key, bronze.state]),
    ).toEqual([
      ["counts", 1, KEYS.b, "there"],
      ["older", 3, KEYS.a, "there"],
    ]);
    const [counting, older] = versions as [Version, Version];
    expect(counting.bronze.records).toEqual([
      { place: "line 2", raw: "O1;Coffee;7;2026-01-01T12:00:00Z", fate: "in_silver" },
    ]);
    expect(counting.silver.values).toMatchObject({
      product: "Coffee",
      order_ts: "2026-01-01T12:00:00.000000Z",
    });
    expect(older.bronze.records.map(({ place, fate }) => [place, fate])).toEqual([
      ["index 1", "duplicate"],
      ["index 3", "in_silver"],
    ]);
    expect(older.bronze.records[0]!.raw).toContain('"\\u004f1"');
    for (const { bronze, cleaned_at, code_version, taken_in } of versions) {
      expect(bronze).toMatchObject({ etag: bronze.cleaned_etag, is_same_row: true });
      expect(cleaned_at).toMatch(/^20\d\d-.*Z$/);
      expect({ code_version, taken_in }).toEqual({ code_version: "0.1.0", taken_in: true });
    }
    expect(rejected).toEqual([
      {
        bronze_key: KEYS.c,
        quarantine_key: `${KEYS.c}.rejected.jsonl`,
        place: "line 1",
        reason: "invalid_order_ts",
        raw: JSON.stringify(order("O1", "never")),
      },
    ]);

    expect(text).not.toMatch(STEERING);
    expect(plain).not.toMatch(STEERING);
    for (const part of [
      "Order O1: 2 versions, of which one counts; 1 rejected",
      "This version counts",
      "Older: there is one with order_ts 2026-01-01T12:00:00.000000Z",
      "O1;Coffee;7;2026-01-01T12:00:00Z",
      "\\u{1b}[31m",
      "Rejected: invalid_order_ts",
    ])
      expect(text).toContain(part);
  });

  it("of the same order_ts is decided by the bronze key; an order that was only rejected is in no figure", async () => {
    const shop = emptyShop();
    for (const name of ["x", "y"])
      drop(shop, `orders_${name}.json`, JSON.stringify([order("7"), order("8", "never")]));
    drop(
      shop,
      "orders_n.jsonl",
      '{"order_id": 900719925474099312345, "order_ts": "never"}\n{"order_id": "9\n',
    );
    await shop.run("clean", "--once");
    const [{ versions }, rejected, long, broken, unknown] = await Promise.all([
      json<OrderAnswer>(shop, "7"),
      shop.run("lineage", "8"),
      json<OrderAnswer>(shop, "900719925474099312345"),
      json<OrderAnswer>(shop, "9"),
      shop.ask("lineage", "o7"),
    ]);
    expect(versions.map(({ standing, bronze, taken_in }) => [standing, bronze.key, taken_in])).toEqual([
      ["counts", "orders_y.json", null],
      ["earlier", "orders_x.json", null],
    ]);
    expect(rejected).toContain("in no figure; all of its records were rejected");
    expect(long.rejected.map(({ reason }) => reason)).toEqual(["invalid_order_ts"]);
    expect(broken.rejected.map(({ reason, raw }) => [reason, raw])).toEqual([
      ["invalid_json", '{"order_id": "9'],
    ]);
    expect([unknown.code, unknown.stdout]).toEqual([1, ""]);
    expect(unknown.stderr).toContain("Ids are compared exactly");
  });

  it("is told from what is left: pruned CSV, bronze that is gone or another one, no warehouse", async () => {
    const shop = await versionsShop();
    const { lake, run } = shop;
    await run("compact");
    for (const file of lake.files("silver").filter((name) => name.endsWith(".parquet"))) {
      const at = new Date(Date.now() - 2 * 60 * 60_000);
      utimesSync(path.join(lake.folder, "silver", file), at, at);
    }
    const before = await json<OrderAnswer>(shop, "O1");
    await run("compact", "--compacted-csv", "prune");
    expect(lake.files("silver").filter((name) => name.endsWith(".csv"))).toEqual([]);
    const pruned = (answer: OrderAnswer): OrderAnswer => ({
      ...answer,
      versions: answer.versions.map((version) => ({
        ...version,
        silver: { ...version.silver, is_pruned: true },
      })),
    });
    expect(await json<OrderAnswer>(shop, "O1")).toEqual(pruned(before));

    rmSync(path.join(lake.bronze, KEYS.b));
    writeFileSync(path.join(lake.bronze, KEYS.a), JSON.stringify([order("O5"), order("O1", "2026-02-01")]));
    rmSync(path.join(lake.folder, "warehouse"), { recursive: true });
    const [{ versions }, text] = await Promise.all([json<OrderAnswer>(shop, "O1"), run("lineage", "O1")]);
    expect(
      versions.map(({ bronze, taken_in_at }) => [bronze.state, bronze.records.length, taken_in_at]),
    ).toEqual([
      ["gone", 0, null],
      ["changed", 1, null],
    ]);
    for (const part of [
      "the bronze object is gone",
      "changed since it was cleaned",
      "warehouse is not on this machine",
    ])
      expect(text).toContain(part);
  });
});

interface GoldAnswer {
  key: string;
  is_latest: boolean;
  rows: number;
  sha256: string;
  sql: { file: string; sha256: string };
  sql_now: { path: string; sha256: string };
  code_version: string;
  silver_recorded: { objects: number; through: number; generation: string };
  silver: {
    basis: string;
    objects: number;
    datasets: { dataset: string; objects: number; rows: number }[];
    listed: { silver_key: string; bronze_key: string }[];
  } | null;
}

describe("the lineage of a KPI", () => {
  it("is the SQL and the silver of each version, also after the warehouse was filled anew", async () => {
    const shop = emptyShop();
    const { lake, run } = shop;
    const deliver = async (name: string, ...ids: string[]): Promise<void> => {
      drop(shop, `orders_${name}.json`, JSON.stringify(ids.map((id) => order(id))));
      await run("clean", "--once");
      await run("aggregate", "--once");
    };
    const bronzeKeys = ({ silver }: GoldAnswer) => silver?.listed.map(({ bronze_key }) => bronze_key);
    const ask = (...args: string[]) => json<GoldAnswer>(shop, ...args);
    for (const name of ["a", "b"]) drop(shop, `orders_${name}.json`, JSON.stringify([order(name)]));
    await deliver("c", "c");
    const first = await ask("aov");
    await deliver("d", "d1", "d2");
    const [second, byPath, before, file, text] = await Promise.all([
      ask("aov"),
      ask("gold/latest/aov.csv"),
      ask(first.key),
      json<{ silver: { kept: number }; taken_in: boolean }>(shop, "orders_clean_d.csv"),
      run("lineage", "aov"),
    ]);
    expect(byPath).toEqual(second);
    expect(before).toEqual({ ...first, is_latest: false, written_at: expect.any(String) });
    expect(second).toMatchObject({
      is_latest: true,
      rows: 1,
      code_version: "0.1.0",
      sql: { file: "aov.sql", sha256: second.sql_now.sha256 },
      silver: { basis: "exact", objects: 4, datasets: [{ dataset: "orders", objects: 4, rows: 5 }] },
    });
    expect(bronzeKeys(second)).toEqual(["orders_d.json", "orders_c.json", "orders_b.json", "orders_a.json"]);
    expect(bronzeKeys(before)).toEqual(["orders_c.json", "orders_b.json", "orders_a.json"]);
    expect([file.silver.kept, file.taken_in]).toEqual([2, true]);
    expect(text).toContain("all 4 objects taken in until");

    rmSync(path.join(lake.folder, "silver/orders_clean_b.csv"));
    await run("rebuild");
    const [anew, changed, missing] = await Promise.all([
      ask(first.key),
      run("lineage", first.key),
      shop.ask("lineage", "aov/aov_20200101T000000.csv"),
    ]);
    expect([anew.silver?.basis, anew.silver_recorded]).toEqual(["by_time", first.silver_recorded]);
    expect(bronzeKeys(anew)).toEqual(["orders_c.json", "orders_a.json"]);
    expect(changed).toMatch(/all 3 objects .* filled anew since; 2 of them are found/);
    expect([missing.code, missing.stdout]).toEqual([1, ""]);
    expect(missing.stderr).toContain("`ingot lineage <kpi>` shows the current version");
  });
});
