import { createLogger } from "@ingot/common";
import { expect, test } from "vitest";
import { createChain, RETAIL_KEYS, retailFaultRates, USUAL_CHAIN, writeRetailDays } from "../src/index.ts";
import { countDays, dayRange, daysOf } from "../src/stores/days.ts";
import { BronzeFolder } from "./bronze-folder.ts";
import {
  alike,
  chainOf,
  isUniform,
  tally,
  UUID,
  WEEKDAY,
  WEEKEND,
  wholeNumbers,
  written,
} from "./stores-support.ts";

const usual = (stores: number, seed = 1) =>
  createChain({ ...USUAL_CHAIN, seed, stores, clients: 500, faults: retailFaultRates() });

test("each hour's sales are so many baskets: clients of the city, distinct products, exact amounts", async () => {
  const chain = chainOf({ stores: chainOf().stores.map((store) => ({ ...store, capacity: 300 })) });
  const day = await written(chain, WEEKEND);
  const lines = day.sales();
  expect(day.report).toMatchObject({ days: 1, hours: 72, sale_lines: lines.length, skipped_baskets: 0 });
  expect(Object.keys(lines[0]!)).toEqual(
    "sale_id nb_type_product product_id client_id store_id quantity sale_amount sale_date sale_time".split(
      " ",
    ),
  );
  const cents = new Map(chain.products.map(({ id, price }) => [id, Math.round(price * 100)]));
  for (const { product_id, quantity, sale_amount, sale_date } of lines) {
    if (sale_date !== WEEKEND) throw new Error(`a line of ${sale_date}`);
    const expected = ((cents.get(product_id)! * quantity) / 100).toFixed(2);
    if (sale_amount.toFixed(2) !== expected || sale_amount !== Number(expected)) {
      throw new Error(`${quantity} of ${product_id} for ${sale_amount} instead of ${expected}`);
    }
  }

  const stores = new Map(chain.stores.map((store) => [store.id, store]));
  const cities = new Map(chain.clients.map(({ id, city }) => [id, city]));
  const baskets = [...Map.groupBy(lines, ({ sale_id }) => sale_id).values()];
  for (const basket of baskets) {
    const [{ sale_id, client_id, store_id, sale_time, nb_type_product } = basket[0]!] = basket;
    const isOne = basket.every(
      (line) =>
        line.client_id === client_id &&
        line.store_id === store_id &&
        line.sale_time === sale_time &&
        line.nb_type_product === basket.length,
    );
    const products = new Set(basket.map(({ product_id }) => product_id));
    expect([UUID.test(sale_id), isOne, products.size]).toEqual([true, true, nb_type_product]);
    expect(cities.get(client_id)).toBe(stores.get(store_id)!.location);
    expect(sale_time).toMatch(/^\d\d:[0-5]\d:[0-5]\d$/);
  }

  const sold = tally(baskets.map(([line]) => `${line!.store_id} ${Number(line!.sale_time.slice(0, 2))}`));
  for (const { store_id, hour, sales } of day.hours())
    expect(sold.get(`${store_id} ${hour}`) ?? 0).toBe(sales);

  const first = baskets.map(([line]) => line!);
  const buyers = first.filter(({ store_id }) => store_id === chain.stores[0]!.id);
  const neighbours = chain.clients.filter(({ city }) => city === chain.stores[0]!.location);
  for (const [drawn, from] of [
    [first.map((line) => line.nb_type_product), wholeNumbers(1, 5)],
    [lines.map(({ quantity }) => quantity), wholeNumbers(1, 5)],
    [lines.map(({ product_id }) => product_id), chain.products.map(({ id }) => id)],
    [first.map(({ sale_time }) => Number(sale_time.slice(3, 5))), wholeNumbers(0, 59)],
    [first.map(({ sale_time }) => Number(sale_time.slice(6))), wholeNumbers(0, 59)],
    [buyers.map(({ client_id }) => client_id), neighbours.map(({ id }) => id)],
  ] as [unknown[], unknown[]][]) {
    expect(isUniform(drawn, from)).toBe(true);
  }
});

test("a chain with fewer than five products sells what it has", async () => {
  const [first, second] = chainOf().products;
  const { sales } = await written(chainOf({ products: [first!, second!] }), WEEKDAY);
  expect(new Set(sales().map((line) => line.nb_type_product))).toEqual(new Set([1, 2]));
});

test("where no client lives in the city the hours count sales that nobody made, and it is said", async () => {
  const { stores } = alike(1, { location: "Nice", name: "Magasin_1" });
  const clients = chainOf().clients.filter(({ city }) => city !== "Nice");
  const { hours, sales, logged, report } = await written(chainOf({ stores, clients }), WEEKDAY);
  const counted = hours().reduce((sum, hour) => sum + hour.sales!, 0);
  expect(counted).toBeGreaterThan(0);
  expect(sales()).toEqual([]);
  expect(report).toMatchObject({ sale_lines: 0, skipped_baskets: counted });
  expect(logged.warn).toEqual([
    {
      date: WEEKDAY,
      baskets: counted,
      message: "baskets of Magasin_1 skipped: no client lives in Nice",
    },
  ]);
});

test("a default day has some 60,000 lines", async () => {
  const chain = createChain({ ...USUAL_CHAIN, seed: 1, faults: retailFaultRates() });
  const { report, texts } = await written(chain, WEEKDAY);
  expect(report.hours).toBe(240);
  expect(report.sale_lines).toBeGreaterThan(40_000);
  expect(report.sale_lines).toBeLessThan(80_000);
  const lines = texts.get(RETAIL_KEYS.sales(WEEKDAY))!.split("\n");
  expect(lines).toHaveLength(report.sale_lines + 3);
});

test("a day has the same bytes alone, in any range, at any time, and with more stores beside", async () => {
  const week = await written(usual(2), "2025-12-29", "2026-01-04");
  const day = await written(usual(2), WEEKDAY);
  for (const key of [RETAIL_KEYS.sales(WEEKDAY), RETAIL_KEYS.hours(WEEKDAY), RETAIL_KEYS.clients]) {
    expect(day.texts.get(key)).toBe(week.texts.get(key));
  }
  expect([...week.texts.keys()]).toHaveLength(3 + 2 * 7);
  const more = await written(usual(4), WEEKDAY);
  expect(more.hours().slice(0, 48)).toEqual(day.hours());
  expect(more.sales().slice(0, day.report.sale_lines)).toEqual(day.sales());
  const days = [...daysOf({ from: "2025-12-29", to: "2026-01-04" })].map((date) => week.sales(date));
  const ids = days.map((lines) => new Set(lines.map(({ sale_id }) => sale_id)));
  const all = new Set(ids.flatMap((set) => [...set]));
  expect(all.size).toBe(ids.reduce((sum, set) => sum + set.size, 0));
});

test("a day is written over, never appended to; a chain that is the same is left alone", async () => {
  const bronze = new BronzeFolder();
  await written(usual(2, 7), WEEKDAY, WEEKDAY, bronze);
  const other = await written(usual(1, 8), WEEKDAY, WEEKDAY, bronze);
  expect(other.texts).toEqual((await written(usual(1, 8), WEEKDAY)).texts);
  const chainTags = async () => {
    const stats = ["clients", "products", "stores"].map((name) =>
      bronze.stat(`retail-stores/${name}/${name}.json`),
    );
    return (await Promise.all(stats)).map((stat) => stat!.etag);
  };
  const before = await chainTags();
  const again = await written(usual(1, 8), WEEKDAY, WEEKDAY, bronze);
  expect(again.texts).toEqual(other.texts);
  expect(await chainTags()).toEqual(before);
});

test("a writer that may not read writes all the same", async () => {
  const bronze = new BronzeFolder();
  bronze.denyReads = true;
  await written(usual(1, 7), WEEKDAY, WEEKDAY, bronze);
  const { texts } = await written(usual(1, 8), WEEKDAY, WEEKDAY, bronze);
  expect(texts).toEqual((await written(usual(1, 8), WEEKDAY)).texts);
});

test("what goes wrong in a store leaves its hours empty, is logged, and the day goes on", async () => {
  const sound = chainOf();
  const broken = { ...sound.stores[1]!, capacity: Number.NaN, opening_hour: "8", closing_hour: "20" };
  const stores = [sound.stores[0]!, broken, sound.stores[2]!];
  const { hours, sales, logged, report } = await written(chainOf({ stores }), WEEKDAY);
  const expected = await written(sound, WEEKDAY);
  const others = <T extends { store_id: string }>(records: T[]) =>
    records.filter(({ store_id }) => store_id !== broken.id);
  expect(others(hours())).toEqual(others(expected.hours()));
  expect(sales()).toEqual(others(expected.sales()));
  const failed = hours().filter(({ visitors, sales }) => visitors === null && sales === null);
  expect(failed.map(({ store_id, hour }) => [store_id, hour])).toEqual(
    wholeNumbers(8, 19).map((hour) => [broken.id, hour]),
  );
  expect(report.failed_hours).toBe(12);
  expect(logged.error).toHaveLength(12);
  expect(logged.error[0]).toMatchObject({ store_id: broken.id, date: WEEKDAY, hour: 8 });
});

test("a storage that fails ends it, and the next run mends the day", async () => {
  const bronze = new BronzeFolder();
  bronze.failingWrites = 1;
  await expect(written(usual(1), WEEKDAY, WEEKDAY, bronze)).rejects.toMatchObject({
    code: "storage_unavailable",
  });
  const { texts } = await written(usual(1), WEEKDAY, WEEKDAY, bronze);
  expect(texts).toEqual((await written(usual(1), WEEKDAY)).texts);
});

test("a range that is stopped ends with a whole day, and says where to go on", async () => {
  const bronze = new BronzeFolder();
  const stop = new AbortController();
  const range = { from: WEEKDAY, to: "2026-01-31" };
  const meter = () => ({ add: () => stop.abort(), close: () => undefined });
  const chain = usual(1);
  const logger = createLogger({ logLevel: "silent", logFormat: "json" }, "test");
  const writing = writeRetailDays({ bronze, chain, range, logger, meter, signal: stop.signal });
  await expect(writing).rejects.toMatchObject({
    code: "incomplete",
    message: "stopped after 1 day: go on with --from 2026-01-02",
  });
  expect(bronze.texts()).toEqual((await written(chain, WEEKDAY)).texts);
});

const TODAY = "2026-03-05";
test.each([
  [{}, TODAY, TODAY],
  [{ from: "2026-03-01" }, "2026-03-01", TODAY],
  [{ to: "2026-03-01" }, "2026-03-01", "2026-03-01"],
  [{ from: "2027-12-31", to: "2028-03-01" }, "2027-12-31", "2028-03-01"],
])("%j asks for the days from %s to %s", (given: { from?: string; to?: string }, from, to) => {
  expect(dayRange({ from: given.from, to: given.to }, TODAY)).toEqual({ from, to });
});

test.each([
  [{ from: "2026-02-29" }, '--from is "2026-02-29". Allowed: a day such as 2026-03-05.'],
  [{ to: "yesterday" }, '--to is "yesterday"'],
  [{ to: "2026-3-1" }, '--to is "2026-3-1"'],
  [{ from: "2026-03-02", to: "2026-03-01" }, "--from (2026-03-02) lies after --to (2026-03-01)"],
  [{ from: "2026-03-06" }, "--from (2026-03-06) lies after today, 2026-03-05: give --to as well"],
])("%j is refused: %s", (given: { from?: string; to?: string }, message) => {
  expect(() => dayRange({ from: given.from, to: given.to }, TODAY)).toThrow(message);
});

test("a range has every day of the calendar once", () => {
  const range = { from: "2028-02-27", to: "2028-03-02" };
  const days = ["2028-02-27", "2028-02-28", "2028-02-29", "2028-03-01", "2028-03-02"];
  expect([...daysOf(range)]).toEqual(days);
  expect(countDays(range)).toBe(5);
});
