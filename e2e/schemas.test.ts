import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCleaner } from "@ingot/cleaner";
import { type Alarm, createLogger, FileStore, NO_ALARMS, systemClock } from "@ingot/common";
import { createWorld, FAULT_NAMES, type FaultRates } from "@ingot/generator";
import fc from "fast-check";
import { expect, it } from "vitest";
import { naiveGold } from "./naive-gold.ts";
import { drop, emptyShop } from "./quarantine-support.ts";

const HOUR_MS = 60 * 60_000;
const TICKS = 4;

/** Cleans files of a shop in a lake of their own, by two cleaners at once. @returns what they tell */
async function toldOf(files: readonly (readonly [key: string, content: Buffer])[]): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-schemas-"));
  try {
    const layer = (name: string) => new FileStore(path.join(folder, name));
    const lake = { bronze: layer("bronze"), silver: layer("silver"), quarantine: layer("quarantine") };
    for (const [key, content] of files) await lake.bronze.write(key, content);
    const told: string[] = [];
    const cleaners = [0, 1].map(() =>
      createCleaner({
        lake,
        businessTimezone: "UTC",
        emailHashKey: undefined,
        concurrency: 4,
        // Files are old enough by then.
        clock: { ...systemClock, now: () => new Date(Date.now() + HOUR_MS) },
        logger: createLogger({ logLevel: "silent", logFormat: "json" }, "cleaner"),
        alarms: { ...NO_ALARMS, raise: ({ title }: Alarm) => told.push(title) },
      }),
    );
    const reports = await Promise.all(cleaners.map((each) => each.pass(new AbortController().signal)));
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
    return told;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it("no fault of the simulated shop looks like a change, in files of any size, in any order and at once", async () => {
  const rate = fc.oneof(fc.constant(0.3), fc.double({ min: 0, max: 0.3, noNaN: true }));
  const faults = fc.record(Object.fromEntries(FAULT_NAMES.map((name) => [name, rate])));
  const rows = fc.oneof(
    fc.constantFrom(1, 2, 4),
    fc.integer({ min: 5, max: 30 }),
    fc.integer({ min: 31, max: 90 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(), rows, faults, async (seed, count, rates) => {
      const world = createWorld({
        seed,
        rows: { customers: count, orders: count, clicks: count },
        faults: rates as FaultRates,
      });
      const ticks = Array.from({ length: TICKS }, (_, at) =>
        world.tick(new Date((at + 1) * HOUR_MS), HOUR_MS),
      );
      const files = ticks.flatMap((tick, at) => [
        [`customers/customers_${at}.csv`, tick.files.customers] as const,
        [`orders/orders_${at}.json`, tick.files.orders] as const,
        [`clicks/clicks_${at}.txt`, tick.files.clicks] as const,
      ]);
      expect(await toldOf(files)).toEqual([]);
    }),
    { numRuns: Number(process.env.INGOT_TEST_SCHEMA_RUNS ?? 6) },
  );
});

it("ingot status shows how files have changed, and gold counts what is right", async () => {
  const made = emptyShop();
  const { lake, run, ask } = made;
  await run("generate", "--ticks", "2");
  await run("clean", "--once");
  expect(await run("status")).not.toContain("Schema changes");
  const order = {
    order_id: "a",
    product: "Tea",
    quantity: 1,
    unit_price: 2,
    order_ts: "2026-01-01",
    channel: "web",
  };
  drop(
    made,
    "orders/orders_x.json",
    JSON.stringify([1, 2, 3].map((id) => ({ ...order, order_id: `${id}`, cust_id: "c" }))),
  );
  drop(made, "customers_x.csv", "id,signup_date,country\nc1,2026-01-01,France\n");
  const { code, stderr } = await ask("clean", "--once");
  expect(code).toBe(0);
  expect(stderr).toContain('orders/orders_x.json: column \\"cust_id\\" is new');
  expect((await ask("aggregate", "--once")).stderr).not.toContain("_schemas");
  const { schemas, layers } = JSON.parse(await run("status", "--json"));
  expect(schemas).toHaveLength(2);
  const ofOrders = schemas.find(({ dataset }: { dataset: string }) => dataset === "orders");
  expect(ofOrders).toEqual({
    dataset: "orders",
    object: "orders/orders_x.json",
    changes: [
      'column "cust_id" is new, "customer_id" is missing (renamed?)',
      'column "total_amount" is missing',
    ],
    noticed_at: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(layers.silver.objects).toBe(8);
  const shown = await run("status");
  expect(shown).toContain("\nSchema changes:\n");
  expect(shown).toContain('\n             column "total_amount" is missing\n');
  expect(lake.gold()).toEqual(naiveGold(lake.bronze));
});
