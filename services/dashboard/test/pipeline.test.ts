import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { IngotError, type Lake, overriding } from "@ingot/common";
import { describe, expect, inject, test } from "vitest";
import { recordingLogger } from "../../../packages/common/test/support/recorders.ts";
import { fastClock, PipelineLake, seen } from "./pipeline-lake.ts";

const CUSTOMERS = `customer_id,first_name,last_name,email,country,signup_date
C1,Ann,Lee,ann@x.org,France,2026-01-02
C2,Bob,Moe,bob@x.org,Spain,32/13/2025
C3,Cleo,Nye,2026-01-03,Peru,cleo.nye@x.org
`;
const ORDERS = JSON.stringify([
  {
    order_id: "O1",
    customer_id: "C1",
    product: "Tea",
    quantity: 1,
    unit_price: 2.5,
    order_ts: "2026-01-02T10:00:00Z",
  },
  { order_id: "O2", customer_id: "C1", product: "Tea", quantity: 1, unit_price: 2.5, order_ts: "2026-02-30" },
  {
    order_id: "O3",
    customer_id: "C1",
    product: "Tea",
    quantity: 1,
    unit_price: 2.5,
    order_ts: "192.168.7.12",
  },
]);
const CLICKS = `{"customer_id":"C1","page":"/","ip":"10.1.2.3","ts":1767348000}
{"customer_id":"C1","page":"/","ip":"10.1.2.777","ts":1767348000}
{"customer_id":"C1","page":
`;
const KEYS = {
  customers: "customers/dt=2026-01-02/customers_1.csv",
  orders: "orders/dt=2026-01-02/orders_1.json",
  clicks: "clicks/dt=2026-01-02/clicks_1.txt",
};

async function deliverAll(lake: PipelineLake): Promise<void> {
  await lake.deliver(KEYS.customers, CUSTOMERS);
  await lake.deliver(KEYS.orders, ORDERS);
  await lake.deliver(KEYS.clicks, CLICKS);
}

const PLACES = [
  { name: "a folder", server: undefined },
  ...inject("s3Servers").map((server) => ({ name: server.name, server })),
];

describe.each(PLACES)("the pipeline on $name", ({ server }) => {
  test("shows layers, services, rejected records, checks and runs, and nothing personal", async () => {
    const lake = await PipelineLake.open(server);
    await deliverAll(lake);
    expect((await lake.status()).backlog).toMatchObject({ bronze: 3, silver: null });
    await lake.clean();
    await lake.aggregate();
    const status = await seen(
      lake.view(),
      ({ layers, rejects }) =>
        layers.gold.objects !== null &&
        layers.bronze.objects === 3 &&
        rejects.every(({ samples }) => samples.length > 0),
    );
    expect(status.lake).toBe(lake.lake.url);
    expect(status.layers).toMatchObject({
      bronze: {
        objects: 3,
        bytes: CUSTOMERS.length + ORDERS.length + CLICKS.length,
        rows: 9,
        rows_per_minute: 1.8,
      },
      silver: { objects: 3, rows: 3, rows_per_minute: 0.6 },
      quarantine: { objects: 3, rows: 6, rows_per_minute: 1.2 },
      gold: { rows_per_minute: null },
    });
    const files = await Array.fromAsync(lake.lake.gold.list());
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    expect(status.layers.gold).toMatchObject({ objects: files.length, bytes });
    expect(status.layers.gold.rows).toBeGreaterThan(3);
    expect(status.backlog).toEqual({ bronze: 0, silver: 0, lag_seconds: 0 });
    expect(status.services.map(({ name, state }) => [name, state])).toEqual([
      ["generator", "working"],
      ["cleaner", "working"],
      ["aggregator", "working"],
      ["dashboard", "working"],
    ]);
    expect(status.runs).toEqual([
      { at: status.runs[0]!.at, objects: 3, read: 9, kept: 3, rejected: 6, duplicates: 0 },
    ]);
    expect(status.checks.length).toBeGreaterThan(10);
    expect(status.checks.every((check) => check.status === "pass")).toBe(true);
    expect(status.is_blocked).toBe(false);
    expect(status.rejects).toHaveLength(4);
    expect(status.rejects).toEqual(
      expect.arrayContaining([
        {
          dataset: "customers",
          reason: "invalid_signup_date",
          records: 2,
          share: 2 / 3,
          samples: [
            { source_key: KEYS.customers, index: 2, line: 3, field: "signup_date", value: "32/13/2025" },
          ],
        },
        {
          dataset: "orders",
          reason: "invalid_order_ts",
          records: 2,
          share: 2 / 3,
          samples: [{ source_key: KEYS.orders, index: 1, field: "order_ts", value: "2026-02-30" }],
        },
        {
          dataset: "clicks",
          reason: "invalid_ip",
          records: 1,
          share: 1 / 3,
          samples: [{ source_key: KEYS.clicks, index: 1, line: 2, field: "ip", value: "99.9.9.999" }],
        },
        {
          dataset: "clicks",
          reason: "invalid_json",
          records: 1,
          share: 1 / 3,
          samples: [{ source_key: KEYS.clicks, index: 2, line: 3 }],
        },
      ]),
    );
  });
});

describe("the pipeline", () => {
  test("shows what waits, and for whom", async () => {
    const lake = await PipelineLake.open();
    await lake.aggregate();
    await deliverAll(lake);
    expect((await lake.status()).backlog).toMatchObject({ bronze: 3, silver: 0 });
    await lake.clean();
    expect((await lake.status()).backlog).toMatchObject({ bronze: 0, silver: 3 });
    await lake.aggregate();
    expect((await lake.status()).backlog).toMatchObject({ bronze: 0, silver: 0, lag_seconds: 0 });
    await lake.prune();
    expect(await Array.fromAsync(lake.lake.silver.list({ prefix: "orders/" }))).toEqual([]);
    expect((await lake.status()).backlog).toMatchObject({ bronze: 0, silver: 0 });
    // A warehouse that is filled anew has to take in again what was pruned, and knows of its rejected records.
    rmSync(path.dirname(lake.warehouseFile), { recursive: true });
    expect((await lake.status()).backlog).toEqual({ bronze: 0, silver: null, lag_seconds: null });
    await lake.aggregate();
    await seen(lake.view(), ({ backlog, rejects }) => {
      const isDone = backlog.bronze === 0 && backlog.silver === 0;
      return isDone && rejects[0]?.samples.length === 1;
    });
  });

  test("is followed while somebody looks: new objects, new rows, a warehouse that is filled anew", async () => {
    const lake = await PipelineLake.open();
    const view = lake.view({ clock: fastClock() });
    await seen(view, ({ layers }) => layers.bronze.objects === 0);
    await deliverAll(lake);
    const waiting = await seen(view, ({ backlog }) => backlog.bronze === 3);
    expect(waiting.layers.bronze.rows).toBeNull();
    await lake.clean();
    await seen(view, ({ backlog, layers }) => backlog.bronze === 0 && layers.silver.objects === 3);
    await lake.aggregate();
    await seen(view, ({ backlog, layers }) => backlog.silver === 0 && layers.bronze.rows === 9);
    await lake.deliver("orders/dt=2026-01-02/orders_2.json", "[]");
    await lake.clean();
    await lake.aggregate(true);
    await seen(
      view,
      ({ backlog, layers, runs }) => backlog.silver === 0 && layers.bronze.objects === 4 && runs.length > 1,
    );
  });

  test("old work that nobody does is told of", async () => {
    const lake = await PipelineLake.open();
    await deliverAll(lake);
    const view = lake.view({ clock: fastClock() });
    const status = await seen(view, ({ services }) => services[1]!.state === "behind");
    expect(status.services.map(({ state }) => state)).toEqual(["idle", "behind", "unknown", "working"]);
    expect((await seen(view, ({ at }) => at > status.at)).backlog.bronze).toBe(3);
  });

  test("a failed check that keeps figures back is told of", async () => {
    const lake = await PipelineLake.open();
    await deliverAll(lake);
    await lake.clean();
    await lake.aggregate();
    const key = "_quality/latest/checks.csv";
    const [header, first, ...rest] = (await text(lake.lake.gold, key)).split("\n");
    const failed = first!.replace(/,pass,/, ",broken,");
    await lake.lake.gold.write(key, Buffer.from([header, failed, ...rest].join("\n")));
    const status = await lake.status();
    expect(status.checks[0]).toMatchObject({ severity: "error", status: "error" });
    expect(status.is_blocked).toBe(true);
  });

  test("a storage that fails changes nothing of what was known, and is told of once", async () => {
    const lake = await PipelineLake.open();
    await deliverAll(lake);
    let isDown = false;
    const { logger, lines } = recordingLogger();
    const down = new IngotError("storage_unavailable", "The store does not answer.");
    const list: Lake["bronze"]["list"] = (options) => {
      if (isDown) throw down;
      return lake.lake.bronze.list(options);
    };
    const failing = { ...lake.lake, bronze: overriding(lake.lake.bronze, { list }) };
    const view = lake.view({ lake: failing, clock: fastClock(), logger });
    await seen(view, ({ layers }) => layers.bronze.objects === 3);
    isDown = true;
    await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(1);
    const { at } = await view.status();
    const later = await seen(view, (status) => Date.parse(status.at) > Date.parse(at) + 20_000);
    expect(later.layers.bronze.objects).toBe(3);
    expect(lines.map(({ msg }) => msg)).toEqual(["the lake cannot be looked at: The store does not answer."]);
  });

  test("a slow storage is looked at in a twentieth of the time, and no more once nobody asks", async () => {
    const lake = await PipelineLake.open();
    await deliverAll(lake);
    const clock = fastClock();
    const looks: number[] = [];
    const list: Lake["quarantine"]["list"] = async function* (options) {
      looks.push(clock.now().getTime());
      await new Promise((resolve) => setTimeout(resolve, 250));
      yield* lake.lake.quarantine.list(options);
    };
    const slow = { ...lake.lake, quarantine: overriding(lake.lake.quarantine, { list }) };
    const view = lake.view({ lake: slow, clock });
    await seen(view, () => looks.length >= 3);
    for (const [index, at] of looks.slice(1).entries()) expect(at - looks[index]!).toBeGreaterThan(20 * 250);
    const asked = clock.now().getTime();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(clock.now().getTime() - asked).toBeLessThan(90_000);
    const { length } = looks;
    await view.status();
    await seen(view, () => looks.length > length);
  });

  test("no warehouse is made, and none is changed", async () => {
    const lake = await PipelineLake.open();
    await deliverAll(lake);
    await lake.status();
    expect(existsSync(path.dirname(lake.warehouseFile))).toBe(false);
    await lake.clean();
    await lake.aggregate();
    await lake.status();
    const left = readdirSync(path.dirname(lake.warehouseFile)).map((name) => path.extname(name).slice(0, 7));
    expect(new Set(left)).toEqual(new Set([".sqlite"]));
  });
});

async function text(store: Lake["gold"], key: string): Promise<string> {
  return Buffer.concat(await Array.fromAsync((await store.read(key)).body)).toString("utf8");
}
