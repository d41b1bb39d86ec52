import { expect, test } from "vitest";
import { bronzeKeyAt, createWorld, faultRates, type Tick, writeTick } from "../src/index.ts";
import { BronzeFolder } from "./bronze-folder.ts";
import { minute, SMALL } from "./support.ts";

function tickOf(seed: number, rows = SMALL): Tick {
  return createWorld({ seed, rows, faults: faultRates() }).tick(minute(5), 60_000);
}

test("keys carry dataset, date and instant in UTC", () => {
  const at = new Date("2026-03-02T23:59:59.999+00:00");
  expect(bronzeKeyAt("customers", at)).toBe("customers/dt=2026-03-02/customers_20260302T235959.csv");
  expect(bronzeKeyAt("orders", at)).toBe("orders/dt=2026-03-02/orders_20260302T235959.json");
  expect(bronzeKeyAt("clicks", at)).toBe("clicks/dt=2026-03-02/clicks_20260302T235959.txt");
});

test("writes the three files of a tick, and nothing when the same tick comes again", async () => {
  const bronze = new BronzeFolder();
  const tick = tickOf(1);
  expect(await writeTick(bronze, tick)).toEqual({ written: 3, existing: 0, rows: tick.rows });
  expect(bronze.keys()).toEqual([
    "clicks/dt=2026-03-02/clicks_20260302T090500.txt",
    "customers/dt=2026-03-02/customers_20260302T090500.csv",
    "orders/dt=2026-03-02/orders_20260302T090500.json",
  ]);
  const nothing = { customers: 0, orders: 0, clicks: 0 };
  expect(await writeTick(bronze, tickOf(1))).toEqual({ written: 0, existing: 3, rows: nothing });
  expect(bronze.keys()).toHaveLength(3);
});

test("leaves out files without records", async () => {
  const bronze = new BronzeFolder();
  const tick = tickOf(1, { customers: 5, orders: 0, clicks: 0 });
  expect(await writeTick(bronze, tick)).toMatchObject({ written: 1, existing: 0 });
});

test("two writers at the same instant both keep their data, and may both repeat it", async () => {
  const bronze = new BronzeFolder();
  const [one, two] = [tickOf(1), tickOf(2)];
  await Promise.all([writeTick(bronze, one), writeTick(bronze, two)]);
  expect(bronze.keys()).toHaveLength(6);
  expect(
    bronze.keys().filter((key) => /_20260302T090500-[0-9a-f]{8}\.(csv|json|txt)$/.test(key)),
  ).toHaveLength(3);
  const stored = [...bronze.texts().values()];
  for (const bytes of [...Object.values(one.files), ...Object.values(two.files)]) {
    expect(stored).toContain(String(bytes));
  }
  expect(await writeTick(bronze, one)).toMatchObject({ written: 0, existing: 3 });
  expect(await writeTick(bronze, two)).toMatchObject({ written: 0, existing: 3 });
});

test("a writer that may not read takes an existing key for another writer's", async () => {
  const bronze = new BronzeFolder();
  await writeTick(bronze, tickOf(1));
  bronze.denyReads = true;
  expect(await writeTick(bronze, tickOf(2))).toMatchObject({ written: 3, existing: 0 });
  expect(await writeTick(bronze, tickOf(2))).toMatchObject({ written: 0, existing: 3 });
});
