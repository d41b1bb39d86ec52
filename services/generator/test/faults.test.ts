import { describe, expect, test } from "vitest";
import {
  createWorld,
  FAULT_NAMES,
  FAULTS,
  type FaultRates,
  faultRates,
  NO_FAULTS,
  type Tick,
} from "../src/index.ts";
import {
  instantOf,
  minute,
  type OrderRecord,
  only,
  ordersOf,
  recordsOf,
  SHOWS,
  VISIBLE_FAULTS,
} from "./support.ts";

function run(ticks: number, faults: FaultRates, orders = 300): Tick[] {
  const world = createWorld({ seed: 5, rows: { customers: 150, orders, clicks: 300 }, faults });
  return Array.from({ length: ticks }, (_, index) => world.tick(minute(index), 60_000));
}

/** How order ids of `ticks` come again: within their file, or in a later one with a newer or an older instant. */
function repeats(ticks: readonly Tick[]) {
  const found = { inFile: 0, newer: 0, stale: 0, same: 0, records: 0 };
  const latest = new Map<unknown, number>();
  for (const tick of ticks) {
    const inThisFile = new Set<unknown>();
    for (const { order_id, order_ts } of ordersOf(tick)) {
      const at = instantOf(order_ts)!;
      const before = latest.get(order_id);
      found.records += 1;
      if (inThisFile.has(order_id)) found.inFile += 1;
      else if (before !== undefined) found[at > before ? "newer" : at < before ? "stale" : "same"] += 1;
      inThisFile.add(order_id);
      latest.set(order_id, Math.max(at, before ?? at));
    }
  }
  return found;
}

describe.each(VISIBLE_FAULTS)("%s", (name) => {
  const { dataset } = FAULTS[name];

  test("shows on every record at rate 1", () => {
    const records = run(2, only(name)).flatMap((tick) => recordsOf(dataset, tick));
    expect(records.length).toBeGreaterThan(200);
    expect(records.filter((record) => !SHOWS[name](record))).toEqual([]);
  });

  test("shows on no record at rate 0", () => {
    const records = run(2, NO_FAULTS).flatMap((tick) => recordsOf(dataset, tick));
    expect(records.filter((record) => SHOWS[name](record))).toEqual([]);
  });

  test("shows about as often as its default rate says, beside all others", () => {
    const records = run(20, faultRates(), 1000).flatMap((tick) => recordsOf(dataset, tick));
    const share = records.filter((record) => SHOWS[name](record)).length / records.length;
    const { rate } = FAULTS[name];
    const spread = 4 * Math.sqrt(rate / records.length);
    expect(Math.abs(share - rate)).toBeLessThan(0.15 * rate + spread);
  });
});

describe("repeated orders", () => {
  test("do not occur at rate 0", () => {
    expect(repeats(run(5, NO_FAULTS))).toEqual({ inFile: 0, newer: 0, stale: 0, same: 0, records: 1500 });
  });

  test("in the file: at rate 1 every record after the first", () => {
    const found = repeats(run(3, only("duplicate_in_file")));
    expect(found).toMatchObject({ inFile: 3 * 299, newer: 0, stale: 0 });
  });

  test("in the file: some are the same bytes, some say another instant, some only another quantity", () => {
    const [tick] = run(1, only("duplicate_in_file", 0.5));
    const versions = [...Map.groupBy(ordersOf(tick!), (order) => order.order_id).values()];
    const pairs = versions.flatMap((of) => of.slice(1).map((next, index) => [of[index]!, next] as const));
    const count = (matches: (a: OrderRecord, b: OrderRecord) => boolean) =>
      pairs.filter(([a, b]) => matches(a, b)).length;
    expect(count((a, b) => JSON.stringify(a) === JSON.stringify(b))).toBeGreaterThan(5);
    expect(count((a, b) => a.order_ts !== b.order_ts)).toBeGreaterThan(5);
    expect(count((a, b) => a.order_ts === b.order_ts && a.quantity !== b.quantity)).toBeGreaterThan(5);
  });

  test.each(["newer", "stale"] as const)(
    "of earlier files: at rate 1 every record is a %s version",
    (kind) => {
      const ticks = run(3, only(`duplicate_${kind}`));
      const later = repeats(ticks);
      expect(later.same).toBe(0);
      expect(later[kind === "newer" ? "stale" : "newer"]).toBe(0);
      // An order may be drawn twice for the same file.
      expect(later[kind] + later.inFile).toBe(600);
      const first = new Map(ordersOf(ticks[0]!).map((order) => [order.order_id, order]));
      for (const order of ordersOf(ticks[1]!)) {
        const [now, then] = [order, first.get(order.order_id)!].map(({ order_ts }) => instantOf(order_ts)!);
        expect(kind === "newer" ? now! > then! : now! < then!).toBe(true);
      }
    },
  );

  test("occur about as often as their default rates say", () => {
    const faults = { ...only("duplicate_in_file", 0.01), duplicate_newer: 0.01, duplicate_stale: 0.01 };
    const { inFile, newer, stale, records } = repeats(run(30, faults, 1000));
    for (const count of [inFile, newer, stale]) {
      expect(count / records).toBeGreaterThan(0.008);
      expect(count / records).toBeLessThan(0.012);
    }
  });
});

test("every fault has a line of help and a rate that leaves most records whole", () => {
  for (const name of FAULT_NAMES) {
    expect(FAULTS[name].help).not.toBe("");
    expect(FAULTS[name].rate).toBeGreaterThan(0);
    expect(FAULTS[name].rate).toBeLessThanOrEqual(0.1);
  }
});
