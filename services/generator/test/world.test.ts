import { createHash } from "node:crypto";
import { isIPv4 } from "node:net";
import { IngotError } from "@ingot/common";
import { createRuleContext } from "@ingot/pipelines";
import { describe, expect, test } from "vitest";
import { outcomeOf } from "../../../packages/pipelines/test/ecommerce/clean.ts";
import { CATALOGUE, createWorld, faultRates, NO_FAULTS, type Tick, type WorldOptions } from "../src/index.ts";
import { seedTag } from "../src/tick-context.ts";
import { clicksOf, customersOf, DAY_MS, instantOf, minute, ordersOf, recordsOf, SMALL } from "./support.ts";

const PINNED = "5126d28c8b0c6e2432cc362bb1765f5cf81a529861c506ea69efe63b8f009745";

function run(ticks: number, changed: Partial<WorldOptions> = {}, spanMs = 60_000): Tick[] {
  const world = createWorld({ seed: 1, rows: SMALL, faults: NO_FAULTS, ...changed });
  return Array.from({ length: ticks }, (_, index) => world.tick(minute(index), spanMs));
}

function digest(ticks: readonly Tick[]): string {
  const hash = createHash("sha256");
  for (const { files } of ticks) hash.update(files.customers).update(files.orders).update(files.clicks);
  return hash.digest("hex");
}

const clean = () => run(20, { rows: { customers: 50, orders: 200, clicks: 300 } });

describe("the same seed", () => {
  test("gives the same bytes in two worlds", () => {
    expect(digest(run(5, { faults: faultRates() }))).toBe(digest(run(5, { faults: faultRates() })));
  });

  test("gives the bytes that it has always given", () => {
    expect(digest(run(3, { faults: faultRates() }))).toBe(PINNED);
  });

  test("gives the same bytes in any time zone", () => {
    const zone = process.env.TZ;
    try {
      process.env.TZ = "Pacific/Chatham";
      expect(new Date(0).getHours()).not.toBe(0);
      expect(digest(run(3, { faults: faultRates() }))).toBe(PINNED);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  test("brings the same new customers wherever the run begins", () => {
    const world = createWorld({ seed: 1, rows: SMALL, faults: NO_FAULTS });
    const [, , third] = run(3);
    const introduced = third!.introduced.filter((id) => id.includes("T090200"));
    expect(world.tick(minute(2), 60_000).introduced).toEqual(introduced);
  });
});

describe("another seed", () => {
  test("gives other bytes", () => {
    expect(digest(run(1, { seed: 2 }))).not.toBe(digest(run(1)));
  });

  test("gives other ids", () => {
    const ids = (seed: number) =>
      run(2, { seed }).flatMap((tick) => ordersOf(tick).map((order) => order.order_id));
    expect(new Set([...ids(1), ...ids(2)]).size).toBe(80);
  });

  test("has a tag of its own", () => {
    const seeds = [
      ...Array(50_000).keys(),
      1_679_615,
      1_679_616,
      1_679_617,
      3_359_232,
      Number.MAX_SAFE_INTEGER,
    ];
    expect(new Set(seeds.map(seedTag)).size).toBe(seeds.length);
    expect(seeds.map(seedTag).every((tag) => /^[0-9a-z]{4,}$/.test(tag))).toBe(true);
  });
});

test.each([-1, 1.5, Number.NaN])("seed %s is refused", (seed) => {
  expect(() => createWorld({ seed, rows: SMALL, faults: NO_FAULTS })).toThrow(IngotError);
});

test("a tick that is not later than the one before is refused", () => {
  const world = createWorld({ seed: 1, rows: SMALL, faults: NO_FAULTS });
  world.tick(minute(1), 60_000);
  expect(() => world.tick(minute(1), 60_000)).toThrow(/order of time/);
});

describe("without faults", () => {
  test("every customer is valid", () => {
    for (const customer of clean().flatMap(customersOf)) {
      expect(Object.keys(customer)).toEqual([
        "customer_id",
        "first_name",
        "last_name",
        "email",
        "country",
        "signup_date",
      ]);
      expect(Object.values(customer)).not.toContain("");
      expect(customer.email).toMatch(/^[a-z0-9._-]+@example\.(com|net|org)$/);
      expect(customer.signup_date).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(instantOf(customer.signup_date)).toBeLessThanOrEqual(minute(20).getTime());
    }
  });

  test("every order is valid, and its total is quantity × price", () => {
    for (const [index, tick] of clean().entries()) {
      for (const order of ordersOf(tick)) {
        const { quantity, unit_price, total_amount } = order as Record<string, number>;
        expect(order.order_id).toMatch(/^O-[0-9a-z]{4}-\d{8}T\d{6}-\d{4}$/);
        expect(Number.isInteger(quantity) && quantity! > 0).toBe(true);
        expect(Math.round(total_amount! * 100)).toBe(quantity! * Math.round(unit_price! * 100));
        expect(["web", "mobile", "store"]).toContain(order.channel);
        const age = minute(index).getTime() - instantOf(order.order_ts)!;
        expect(age > 0 && age <= 60_000).toBe(true);
      }
    }
  });

  test("the cleaning rules reject no record", () => {
    const context = createRuleContext({ businessTimezone: "UTC", emailHashKey: undefined });
    for (const dataset of ["customers", "orders", "clicks"] as const) {
      const outcomes = clean().flatMap((tick) =>
        recordsOf(dataset, tick).map((record) => outcomeOf(dataset, record!, context)),
      );
      expect(outcomes.filter((outcome) => "reason" in outcome)).toEqual([]);
    }
  });

  test("every click is valid and from a public address", () => {
    for (const click of clean().flatMap(clicksOf)) {
      expect(click?.page).toMatch(/^\/(products(\/[a-z0-9-]+)?|cart|checkout(\/thanks)?)?$/);
      expect(isIPv4(click!.ip!)).toBe(true);
      expect(click!.ip).not.toMatch(/^(0|10|127|172|192|169|100)\./);
      expect(instantOf(click!.ts)).toBeDefined();
    }
  });
});

describe("the shop", () => {
  test("orders and clicks come from customers of this file, earlier files or the next one", () => {
    const ticks = clean();
    const known = ticks.map((tick) => new Set(customersOf(tick).map((customer) => customer.customer_id!)));
    ticks.slice(0, -1).forEach((tick, index) => {
      const allowed = new Set(known.slice(0, index + 2).flatMap((ids) => [...ids]));
      for (const record of [...ordersOf(tick), ...clicksOf(tick)]) {
        expect(allowed).toContain(record!.customer_id);
      }
    });
  });

  test("some customers order a tick before their record arrives", () => {
    const ticks = clean();
    const seen = new Set<unknown>();
    let late = 0;
    for (const tick of ticks) {
      for (const { customer_id } of customersOf(tick)) seen.add(customer_id);
      late += new Set(ordersOf(tick).filter(({ customer_id }) => !seen.has(customer_id))).size;
    }
    expect(late).toBeGreaterThan(3);
    expect(late).toBeLessThan(60);
  });

  test("customers come back, some with another country or another e-mail address", () => {
    const versions = Map.groupBy(clean().flatMap(customersOf), (customer) => customer.customer_id!);
    const changed = (field: string) =>
      [...versions.values()].filter((records) => new Set(records.map((record) => record[field])).size > 1)
        .length;
    expect(changed("country")).toBeGreaterThan(20);
    expect(changed("email")).toBeGreaterThan(20);
    expect(changed("last_name")).toBe(0);
    const orders = Map.groupBy(clean().flatMap(ordersOf), (order) => order.customer_id);
    expect([...orders.values()].filter((of) => of.length > 1).length).toBeGreaterThan(orders.size / 2);
  });

  test("customers live in ten countries or more, unequally many in each", () => {
    const counts = [...Map.groupBy(clean().flatMap(customersOf), ({ country }) => country).values()]
      .map((customers) => customers.length)
      .sort((a, b) => b - a);
    expect(counts.length).toBeGreaterThanOrEqual(10);
    expect(counts[0]).toBeGreaterThan(5 * counts[9]!);
  });

  test("the price list has fifty products or more, each with a name and a page of its own and a price with cents", () => {
    expect(CATALOGUE.length).toBeGreaterThanOrEqual(50);
    expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length);
    expect(new Set(CATALOGUE.map(({ slug }) => slug)).size).toBe(CATALOGUE.length);
    for (const { cents, slug } of CATALOGUE) {
      expect(Number.isInteger(cents) && cents > 0).toBe(true);
      expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    }
  });

  test("a product has one price, with every seed", () => {
    const orders = [1, 2, 3].flatMap((seed) =>
      run(10, { seed, rows: { ...SMALL, orders: 200 } }).flatMap(ordersOf),
    );
    const prices = Map.groupBy(orders, (order) => order.product);
    expect(prices.size).toBeGreaterThan(50);
    for (const [product, sold] of prices) {
      const cents = CATALOGUE.find(({ name }) => name === product)!.cents;
      expect(new Set(sold.map((order) => order.unit_price))).toEqual(new Set([cents / 100]));
    }
  });

  test("few products make up much of the sales, channels differ, quantities are small", () => {
    const orders = clean().flatMap(ordersOf);
    const share = (matches: (order: Record<string, unknown>) => boolean) =>
      orders.filter(matches).length / orders.length;
    const best = new Set(CATALOGUE.slice(0, 6).map(({ name }) => name));
    expect(share(({ product }) => best.has(product as string))).toBeGreaterThan(0.3);
    expect(share(({ channel }) => channel === "web")).toBeGreaterThan(0.45);
    expect(share(({ channel }) => channel === "store")).toBeLessThan(0.2);
    expect(share(({ quantity }) => (quantity as number) <= 3)).toBeGreaterThan(0.85);
  });

  test("sells more in the evening than at night", () => {
    const [tick] = run(1, { rows: { ...SMALL, orders: 2000 } }, DAY_MS);
    const hours = ordersOf(tick!).map((order) => new Date(instantOf(order.order_ts)!).getUTCHours());
    const at = (hour: number) => hours.filter((each) => each === hour).length;
    expect(at(19)).toBeGreaterThan(5 * at(3));
  });

  test("has the orders and the rows it was asked for", () => {
    for (const tick of run(10, { rows: { customers: 40, orders: 70, clicks: 90 }, faults: faultRates() })) {
      expect(tick.rows).toEqual({ customers: customersOf(tick).length, orders: 70, clicks: 90 });
      expect(ordersOf(tick)).toHaveLength(70);
      expect(clicksOf(tick)).toHaveLength(90);
      expect(tick.rows.customers).toBe(40);
    }
  });

  test("has no orders of forgotten customers", () => {
    const world = createWorld({ seed: 1, rows: SMALL, faults: NO_FAULTS });
    const { introduced } = world.tick(minute(0), 60_000);
    world.forget(introduced);
    const buyers = ordersOf(world.tick(minute(1), 60_000)).map((order) => order.customer_id);
    expect(buyers.filter((id) => introduced.includes(id as string))).toEqual([]);
  });

  test("works with no customers asked for, and with nothing asked for", () => {
    const [first, second] = run(2, { rows: { customers: 0, orders: 5, clicks: 5 } });
    expect(ordersOf(first!)).toHaveLength(5);
    expect(second!.rows.customers).toBe(0);
    const [empty] = run(1, { rows: { customers: 0, orders: 0, clicks: 0 } });
    expect(empty!.files.orders.toString()).toBe("[\n]\n");
    expect(empty!.rows).toEqual({ customers: 0, orders: 0, clicks: 0 });
  });
});
