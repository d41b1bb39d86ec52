import type { Clock, Logger, ObjectStore } from "@ingot/common";
import { describe, expect, test } from "vitest";
import { type CompactionReport, compactDay, createCompactor } from "../../../src/ecommerce/tables/index.ts";
import {
  ask,
  customer,
  dayOf,
  openSession,
  order,
  standIn,
  type TestLake,
  temporaryLake,
  writeSilver,
} from "./silver-layer.ts";

const HOUR = 60 * 60_000;
const SILENT = { info: () => undefined } as unknown as Logger;

const clockAt = (now: Date): Clock => ({ now: () => now, sleep: async () => undefined });
const NEVER = new AbortController().signal;

function pass(
  silver: ObjectStore,
  {
    now = new Date(),
    quietMs = 0,
    csv = "keep",
  }: { now?: Date; quietMs?: number; csv?: "keep" | "prune" } = {},
): Promise<CompactionReport> {
  return createCompactor({ silver, quietMs, csv, clock: clockAt(now), logger: SILENT }).pass(NEVER);
}

const keysOf = async (silver: ObjectStore): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of silver.list({ prefix: "parquet/" }))
    if (key.endsWith(".parquet")) keys.push(key);
  return keys;
};

const key = (day: string, name = "a"): string => `orders/dt=${day}/orders_clean_${name}.csv`;

async function lakeWith(...days: string[]): Promise<TestLake> {
  const lake = temporaryLake();
  for (const day of days) await writeSilver(lake.silver, "orders", key(day), [order(`O-${day}`)]);
  return lake;
}

describe("compacting a lake", () => {
  test("writes a file for each finished day of each dataset, and nothing where nothing changed", async () => {
    const { silver } = await lakeWith("2026-03-01", "2026-03-02");
    await writeSilver(silver, "customers", "customers/dt=2026-03-01/customers_clean_a.csv", [
      customer("C1", "DE"),
    ]);
    await writeSilver(silver, "clicks", "clicks/dt=2026-03-01/sub/clicks_clean_a.csv", []);
    await writeSilver(silver, "orders", "anywhere/orders_clean_x.csv", [order("X")]);
    await writeSilver(silver, "orders", "orders/dt=2026-02-30/orders_clean_x.csv", [order("Y")]);
    const first = await pass(silver);
    expect(first.failures).toEqual([]);
    expect(first.days.map(({ key: written, objects, rows }) => [written, objects, rows])).toEqual([
      ["parquet/customers/dt=2026-03-01/customers.parquet", 1, 1],
      ["parquet/orders/dt=2026-03-01/orders.parquet", 1, 1],
      ["parquet/orders/dt=2026-03-02/orders.parquet", 1, 1],
      ["parquet/clicks/dt=2026-03-01/clicks.parquet", 1, 0],
    ]);
    const before = await silver.stat("parquet/orders/dt=2026-03-01/orders.parquet");
    expect(await pass(silver)).toMatchObject({ days: [], upToDate: 4 });
    expect(await silver.stat("parquet/orders/dt=2026-03-01/orders.parquet")).toEqual(before);
    expect(before?.metadata).toMatchObject({ sources: "1", rows: "1" });
  });

  test("leaves the day that is not over, and objects that came just now", async () => {
    const { silver } = await lakeWith("2026-03-01", "2026-03-02");
    const modified = (await silver.stat(key("2026-03-01")))!.modified.getTime();
    const days = async (now: Date, quietMs = 0) =>
      (await pass(silver, { now, quietMs })).days.map(({ key: written }) => written.slice(18, 28));
    expect(await days(new Date("2026-03-02T01:59:59Z"))).toEqual([]);
    expect(await days(new Date("2026-03-02T02:00:00Z"))).toEqual(["2026-03-01"]);
    expect(await days(new Date(modified + HOUR - 1000), HOUR)).toEqual([]);
    expect(await days(new Date(modified + HOUR + 1000), HOUR)).toEqual(["2026-03-02"]);
  });

  test("compacts a day again when an object came late, was written again or is gone", async () => {
    const lake = await lakeWith("2026-03-01");
    const { silver } = lake;
    const rows = async () => (await pass(silver)).days.map((day) => day.rows);
    expect(await rows()).toEqual([1]);
    await writeSilver(silver, "orders", key("2026-03-01", "late"), [order("L1"), order("L2")]);
    expect(await rows()).toEqual([3]);
    await writeSilver(silver, "orders", key("2026-03-01"), [order("N1"), order("N2"), order("N3")]);
    expect(await rows()).toEqual([5]);
    await silver.delete(key("2026-03-01", "late"));
    expect(await rows()).toEqual([3]);
    await silver.delete(key("2026-03-01"));
    // Nothing of a person who was forgotten may stay in it.
    expect(await rows()).toEqual([0]);
    expect(await rows()).toEqual([]);
    expect(await ask(lake, "FROM orders")).toEqual([]);
  });

  test("reads only what is new from CSV", async () => {
    const { silver } = await lakeWith("2026-03-01");
    await pass(silver);
    await writeSilver(silver, "orders", key("2026-03-01", "late"), [order("L1")]);
    const reads: string[] = [];
    // Under an address that is no folder objects have to be fetched, which can be seen.
    const watched = standIn(silver, {
      url: "s3://elsewhere",
      read: (asked) => {
        reads.push(asked);
        return silver.read(asked);
      },
    });
    const session = await openSession();
    const listed = await dayOf(silver, "orders", "2026-03-01");
    expect(await compactDay(watched, listed, { session })).toMatchObject({ rows: 2 });
    expect(reads.sort()).toEqual([
      key("2026-03-01", "late"),
      "parquet/orders/dt=2026-03-01/_sources.json.gz",
      "parquet/orders/dt=2026-03-01/orders.parquet",
    ]);
  });

  test("leaves a day whose object changes meanwhile as it is, and compacts the others", async () => {
    const { silver } = await lakeWith("2026-03-01", "2026-03-02");
    const changing = standIn(silver, {
      stat: async (asked) => {
        if (asked === key("2026-03-01")) await writeSilver(silver, "orders", asked, [order("changed")]);
        return silver.stat(asked);
      },
    });
    const report = await pass(changing);
    expect(report.failures).toMatchObject([
      { key: "orders/dt=2026-03-01/", error: { code: "object_changed" } },
    ]);
    expect(await keysOf(silver)).toEqual(["parquet/orders/dt=2026-03-02/orders.parquet"]);
    expect((await pass(silver)).days).toMatchObject([{ rows: 1 }]);
  });

  test("refuses a day whose rows are not as many as the cleaner wrote", async () => {
    const { silver } = await lakeWith("2026-03-01");
    const stored = await silver.read(key("2026-03-01"));
    await silver.write(key("2026-03-01"), stored.body, { metadata: { kept: "2" } });
    expect((await pass(silver)).failures).toMatchObject([{ error: { code: "silver_invalid" } }]);
    expect(await keysOf(silver)).toEqual([]);
  });

  test("two at once leave files that hold everything", { timeout: 60_000 }, async () => {
    const days = Array.from({ length: 6 }, (_, at) => `2026-03-0${at + 1}`);
    const lake = await lakeWith(...days);
    const reports = await Promise.all([pass(lake.silver), pass(lake.silver), pass(lake.silver)]);
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
    expect(await keysOf(lake.silver)).toHaveLength(6);
    expect(await pass(lake.silver)).toMatchObject({ days: [], upToDate: 6 });
    expect(await ask(lake, "SELECT count(*) FROM orders")).toEqual([["6"]]);
  });

  test("stops when it is asked to, between two days or in one", async () => {
    const { silver } = await lakeWith("2026-03-01", "2026-03-02", "2026-03-03");
    const stop = new AbortController();
    const compactor = createCompactor({
      silver,
      quietMs: 0,
      csv: "keep",
      clock: clockAt(new Date()),
      logger: SILENT,
    });
    await expect(compactor.pass(stop.signal, () => stop.abort())).rejects.toThrow();
    expect(await keysOf(silver)).toEqual(["parquet/orders/dt=2026-03-01/orders.parquet"]);
  });
});

describe("a compacted day for readers that do not know Ingot", () => {
  test("is typed and sorted, and tells where each row comes from", async () => {
    const { silver } = await lakeWith();
    await writeSilver(silver, "orders", key("2026-03-01", "b"), [
      order("A", { order_ts: "2026-03-01T12:00:00.000000Z" }),
      order("B", { order_ts: "2026-03-01T10:00:00.000000Z" }),
    ]);
    await writeSilver(silver, "orders", key("2026-03-01", "a"), [
      order("C", { order_ts: "2026-03-01T11:00:00.000000Z", quantity: "" }),
    ]);
    await pass(silver);
    const session = await openSession();
    const file = `${silver.url.slice("file://".length)}/parquet/*/*/*.parquet`;
    expect(
      await session.all(`SELECT * EXCLUDE (customer_id, product, channel) FROM read_parquet('${file}')`),
    ).toEqual([
      [
        "B",
        "1.0000",
        "5.0000",
        "5.0000",
        "2026-03-01T10:00:00Z",
        "2026-03-01",
        "orders/dt=2026-03-01/orders_b.json",
        "2",
        "2026-03-01",
      ],
      [
        "C",
        null,
        "5.0000",
        "5.0000",
        "2026-03-01T11:00:00Z",
        "2026-03-01",
        "orders/dt=2026-03-01/orders_a.json",
        "1",
        "2026-03-01",
      ],
      [
        "A",
        "1.0000",
        "5.0000",
        "5.0000",
        "2026-03-01T12:00:00Z",
        "2026-03-01",
        "orders/dt=2026-03-01/orders_b.json",
        "1",
        "2026-03-01",
      ],
    ]);
    const compression = await session.all(`SELECT DISTINCT compression FROM parquet_metadata('${file}')`);
    expect(compression).toEqual([["ZSTD"]]);
  });
});
