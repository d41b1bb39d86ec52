import { readAll } from "@ingot/common";
import { describe, expect, test } from "vitest";
import { createLiveGenerator, faultRates, generateBatch, NO_FAULTS, writeHistory } from "../src/index.ts";
import { BronzeFolder } from "./bronze-folder.ts";
import { instantOf, type OrderRecord, SMALL } from "./support.ts";

const TODAY = new Date("2026-03-10T11:22:33.444Z");
const options = { seed: 3, rows: SMALL, faults: faultRates(), historyDays: 4 };
const signal = new AbortController().signal;

const clockAt = (...instants: string[]) => {
  const next = instants.map((instant) => new Date(instant));
  return { now: () => (next.length > 1 ? next.shift()! : next[0]!), sleep: async () => {} };
};

async function orderRecords(bronze: BronzeFolder, contains: string): Promise<OrderRecord[]> {
  const keys = bronze.keys().filter((key) => key.startsWith("orders/") && key.includes(contains));
  return (await Promise.all(keys.map(async (key) => JSON.parse(String(await readAll(bronze, key)))))).flat();
}

describe("history", () => {
  test("has one tick at the end of each past day, up to yesterday", async () => {
    const bronze = new BronzeFolder();
    const report = await writeHistory({ bronze, options, today: TODAY });
    expect(report).toMatchObject({ written: 12, existing: 0, complete: true });
    expect(bronze.keys().filter((key) => key.startsWith("orders/"))).toEqual(
      ["06", "07", "08", "09"].map((day) => `orders/dt=2026-03-${day}/orders_202603${day}T235959.json`),
    );
  });

  test("has more rows a day than a tick, and more on busy weekdays", async () => {
    const bronze = new BronzeFolder();
    const rows = { ...SMALL, orders: 200 };
    await writeHistory({ bronze, options: { ...options, rows, historyDays: 7 }, today: TODAY });
    const counts = await Promise.all(
      ["03", "04", "05", "06", "07", "08", "09"].map(
        async (day) => (await orderRecords(bronze, `-03-${day}/`)).length,
      ),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeCloseTo(7 * 4 * 200, -1);
    expect(Math.max(...counts)).toBe(counts[5]);
    expect(Math.min(...counts)).toBeGreaterThan(700);
  });

  test("has orders of its own day only", async () => {
    const bronze = new BronzeFolder();
    await writeHistory({ bronze, options: { ...options, faults: NO_FAULTS }, today: TODAY });
    for (const order of await orderRecords(bronze, "dt=2026-03-08/")) {
      expect(new Date(instantOf(order.order_ts)!).toISOString()).toMatch(/^2026-03-08/);
    }
  });

  test("a restart fills only what is missing, with the same bytes", async () => {
    const bronze = new BronzeFolder();
    await writeHistory({ bronze, options, today: TODAY });
    const before = bronze.texts();
    const lost = bronze.keys().filter((key) => key.includes("dt=2026-03-08"));
    for (const key of lost) await bronze.delete(key);
    expect(await writeHistory({ bronze, options, today: TODAY })).toMatchObject({ written: 3, existing: 9 });
    expect(bronze.texts()).toEqual(before);
  });

  test("a restart on a later day adds the days since then, with customers that bronze has", async () => {
    const bronze = new BronzeFolder();
    await writeHistory({ bronze, options: { ...options, faults: NO_FAULTS }, today: TODAY });
    const today = new Date("2026-03-12T00:00:00Z");
    const report = await writeHistory({ bronze, options: { ...options, faults: NO_FAULTS }, today });
    expect(report).toMatchObject({ written: 6, existing: 6 });
    const customers = bronze.keys().filter((key) => key.startsWith("customers/"));
    const known = (await Promise.all(customers.map((key) => readAll(bronze, key)))).join("");
    const buyers = (await orderRecords(bronze, "dt=2026-03-10/")).map((order) => String(order.customer_id));
    expect(buyers.filter((id) => !known.includes(id))).toEqual([]);
  });

  test("customers of another seed's days are not taken over", async () => {
    const bronze = new BronzeFolder();
    await writeHistory({ bronze, options, today: TODAY });
    const { world } = await writeHistory({ bronze, options: { ...options, seed: 4 }, today: TODAY });
    const tick = world.tick(TODAY, 5000);
    const buyers = new Set(
      JSON.parse(String(tick.files.orders)).map((order: OrderRecord) => order.customer_id),
    );
    const today = [...buyers].filter((id) => String(id).includes("-20260310T112233444-"));
    expect(today.length).toBeGreaterThan(buyers.size / 2);
  });

  test("ends between two days when asked to stop", async () => {
    const bronze = new BronzeFolder();
    const report = await writeHistory({ bronze, options, today: TODAY, signal: AbortSignal.abort() });
    expect(report).toMatchObject({ written: 0, complete: false });
  });
});

describe("a batch", () => {
  const batch = { options: { ...options, rows: { customers: 10, orders: 100, clicks: 10 } }, ticks: 24 };

  test("covers the hours of a day, each with exactly the rows given", async () => {
    const bronze = new BronzeFolder();
    const report = await generateBatch({ bronze, ...batch });
    expect(report.rows).toMatchObject({ orders: 2400, clicks: 240 });
    expect(bronze.keys()).toContain("orders/dt=2026-01-01/orders_20260101T010000.json");
    expect(bronze.keys()).toContain("orders/dt=2026-01-02/orders_20260102T000000.json");
    expect(await orderRecords(bronze, "orders_20260101T040000")).toHaveLength(100);
  });

  test("writes nothing new when it is repeated, and only what is missing when it is longer", async () => {
    const bronze = new BronzeFolder();
    const first = await generateBatch({ bronze, ...batch });
    expect(await generateBatch({ bronze, ...batch })).toMatchObject({ written: 0, existing: first.written });
    expect(await generateBatch({ bronze, ...batch, ticks: 30 })).toMatchObject({ existing: first.written });
    expect(bronze.keys().filter((key) => /-[0-9a-f]{8}\./.test(key))).toEqual([]);
  });

  test("tells how far it is, and stops when asked to", async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const onTick = (done: number) => {
      seen.push(done);
      if (done === 3) stop.abort();
    };
    await generateBatch({ bronze: new BronzeFolder(), ...batch, signal: stop.signal, onTick });
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("live", () => {
  test("fills the past days first, then writes one tick a pass", async () => {
    const bronze = new BronzeFolder();
    const clock = clockAt("2026-03-10T10:00:00Z", "2026-03-10T10:00:00.250Z", "2026-03-10T10:00:05.250Z");
    const live = createLiveGenerator({ bronze, clock, options });
    expect(await live.pass(signal)).toMatchObject({ written: 15, failures: [], moreInMs: undefined });
    expect(await live.pass(signal)).toMatchObject({
      written: 3,
      existing: 0,
      rows: { orders: 20, clicks: 30 },
    });
    expect(bronze.keys()).toContain("orders/dt=2026-03-10/orders_20260310T100005.json");
  });

  test("without history it writes ticks only", async () => {
    const bronze = new BronzeFolder();
    const live = createLiveGenerator({
      bronze,
      clock: clockAt("2026-03-10T10:00:00Z"),
      options: { ...options, historyDays: 0 },
    });
    expect(await live.pass(signal)).toMatchObject({ written: 3 });
  });

  test("a clock that stands still gives no id twice", async () => {
    const bronze = new BronzeFolder();
    const live = createLiveGenerator({
      bronze,
      clock: clockAt("2026-03-10T10:00:00Z"),
      options: { ...options, faults: NO_FAULTS, historyDays: 0 },
    });
    for (let pass = 0; pass < 3; pass++) await live.pass(signal);
    const ids = (await orderRecords(bronze, "")).map((order) => order.order_id);
    expect(ids).toHaveLength(60);
    expect(new Set(ids).size).toBe(60);
  });

  test.each([0, 1, 2, 11, 12, 13, 14])(
    "after %i writes a failure loses and doubles nothing",
    async (writes) => {
      const whole = new BronzeFolder();
      await createLiveGenerator({ bronze: whole, clock: clockAt("2026-03-10T10:00:00Z"), options }).pass(
        signal,
      );
      const bronze = new BronzeFolder();
      const write = bronze.write.bind(bronze);
      let left = writes;
      bronze.write = async (...given) => {
        if (left-- === 0) bronze.failingWrites = 1;
        return await write(...given);
      };
      const live = createLiveGenerator({ bronze, clock: clockAt("2026-03-10T10:00:00Z"), options });
      await expect(live.pass(signal)).rejects.toMatchObject({ code: "storage_unavailable" });
      await live.pass(signal);
      expect(bronze.texts()).toEqual(whole.texts());
    },
  );
});
