import { expect, test } from "vitest";
import { retailFaultRates } from "../src/index.ts";
import {
  alike,
  chainOf,
  type HourRecord,
  isChance,
  isUniform,
  WEEKDAY,
  WEEKEND,
  wholeNumbers,
  written,
} from "./stores-support.ts";

/** Of its tenths and hundredths some end in a half, and 100 sales are possible: 1.15 × 100 is less than 115 in binary. */
const CAPACITY = 250;
const EARLY = { visitors: [13, 88], sales: [5, 35] } as const;
const BUSY = { visitors: [50, 200], sales: [20, 80] } as const;
const LATE = { visitors: [13, 75], sales: [5, 30] } as const;
const open = { capacity: CAPACITY, opening_hour: "7", closing_hour: "22" };

const isOpen = ({ hour }: HourRecord): boolean => hour >= 7 && hour < 22;
const forced = (rates: Parameters<typeof retailFaultRates>[0]) =>
  retailFaultRates({ missing_hour: 0, aberrant_visitors: 0, ...rates });
const range = ([low, high]: readonly [number, number]): number[] => wholeNumbers(low, high);
const visitorsOf = (hours: readonly HourRecord[]) => hours.map(({ visitors }) => visitors);
const salesOf = (hours: readonly HourRecord[]) => hours.map(({ sales }) => sales);

test("24 hours of each store, fields in the contract's order; nothing while it is closed", async () => {
  const chain = chainOf();
  const { hours } = await written(chain, WEEKDAY);
  const records = hours();
  expect(Object.keys(records[0]!)).toEqual("store_id store_name date hour visitors sales".split(" "));
  const places = chain.stores.flatMap(({ id, name }) => wholeNumbers(0, 23).map((hour) => [id, name, hour]));
  expect(records.map(({ store_id, store_name, hour }) => [store_id, store_name, hour])).toEqual(places);
  for (const { store_id, date, hour, visitors, sales } of records) {
    const { opening_hour, closing_hour } = chain.stores.find(({ id }) => id === store_id)!;
    const isBusy = hour >= Number(opening_hour) && hour < Number(closing_hour);
    expect([date, visitors! > 0, sales! > 0]).toEqual([WEEKDAY, isBusy, isBusy]);
  }
});

test("on weekdays visitors and sales are uniform between the shares of the hour, bounds included", async () => {
  const hours = (await written(chainOf(alike(900, open)), WEEKDAY)).hours();
  for (const [during, { visitors, sales }] of [
    [(hour: number) => hour === 7, EARLY],
    [(hour: number) => hour >= 8 && hour <= 19, BUSY],
    [(hour: number) => hour === 20 || hour === 21, LATE],
  ] as const) {
    const own = hours.filter(({ hour }) => during(hour));
    expect(isUniform(visitorsOf(own), range(visitors))).toBe(true);
    expect(isUniform(salesOf(own), range(sales))).toBe(true);
  }
});

test("visitors and sales are drawn each on its own: some hours have more sales than visitors", async () => {
  const hours = (await written(chainOf(alike(300, open)), WEEKDAY)).hours();
  const busy = hours.filter(({ hour }) => hour >= 8 && hour < 20);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = (values: number[]): number[] => {
    const middle = mean(values);
    return values.map((value) => value - middle);
  };
  const [x, y] = [centred(visitorsOf(busy) as number[]), centred(salesOf(busy) as number[])];
  const covariance = (a: number[], b: number[]) => mean(a.map((value, index) => value * b[index]!));
  const correlation = covariance(x, y) / Math.sqrt(covariance(x, x) * covariance(y, y));
  expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(busy.length));
  expect(busy.some(({ visitors, sales }) => sales! > visitors!)).toBe(true);
});

test("Saturday and Sunday bring 1.25 times the visitors and 1.15 times the sales, cut to whole numbers", async () => {
  const stores = chainOf(alike(300, { ...open, capacity: 327 }));
  const days = await written(stores, "2026-01-02", "2026-01-05");
  const busy = (day: string) => days.hours(day).filter(({ hour }) => hour >= 8 && hour < 20);
  // Shares of 327: 65.4 and 261.6 visitors, 26.16 and 104.64 sales.
  const [visitors, sales] = [wholeNumbers(65, 262), wholeNumbers(26, 105)];
  for (const day of ["2026-01-02", "2026-01-05"]) {
    expect(isUniform(visitorsOf(busy(day)), visitors)).toBe(true);
    expect(isUniform(salesOf(busy(day)), sales)).toBe(true);
  }
  const more = (counts: number[], percent: bigint) =>
    counts.map((count) => Number((BigInt(count) * percent) / 100n));
  expect(more([100], 115n)).toEqual([115]);
  for (const day of ["2026-01-03", "2026-01-04"]) {
    expect(isUniform(visitorsOf(busy(day)), more(visitors, 125n))).toBe(true);
    expect(isUniform(salesOf(busy(day)), more(sales, 115n))).toBe(true);
  }
});

test("missing hours have neither visitors nor sales, weekends too; closed hours never miss", async () => {
  const chain = chainOf({ faults: forced({ missing_hour: 1 }) });
  for (const day of [WEEKDAY, WEEKEND]) {
    const { hours, sales } = await written(chain, day);
    const counts = new Set(hours().map(({ visitors, sales }) => `${visitors} ${sales}`));
    expect(counts).toEqual(new Set(["0 0", "null null"]));
    expect(hours().filter(({ hour }) => hour < 7 || hour >= 22)).not.toContainEqual(
      expect.objectContaining({ visitors: null }),
    );
    expect(sales()).toEqual([]);
  }
});

test("aberrant visitors are 10,000 to 50,000 whatever the capacity, times 1.25 on weekends; sales stay", async () => {
  const stores = alike(500, open);
  const faults = forced({ aberrant_visitors: 1 });
  for (const [day, low, high] of [
    [WEEKDAY, 10_000, 50_000],
    [WEEKEND, 12_500, 62_500],
  ] as const) {
    const hours = (await written(chainOf({ ...stores, faults }), day)).hours();
    const visitors = visitorsOf(hours.filter(isOpen)) as number[];
    expect(Math.min(...visitors)).toBeGreaterThanOrEqual(low);
    expect(Math.min(...visitors)).toBeLessThan(low + 60);
    expect(Math.max(...visitors)).toBeLessThanOrEqual(high);
    expect(Math.max(...visitors)).toBeGreaterThan(high - 60);
    const usual = (await written(chainOf(stores), day)).hours();
    expect(salesOf(hours)).toEqual(salesOf(usual));
    const closed = hours.filter((hour) => !isOpen(hour));
    expect(closed.every(({ visitors }) => visitors === 0)).toBe(true);
  }
});

test("both at once: aberrant visitors, no sales, no lines", async () => {
  const chain = chainOf({ faults: forced({ missing_hour: 1, aberrant_visitors: 1 }) });
  const { hours, sales } = await written(chain, WEEKDAY);
  const busy = hours().filter(({ visitors }) => visitors !== 0);
  expect(busy.length).toBeGreaterThan(30);
  expect(busy.every(({ visitors, sales }) => visitors! >= 10_000 && sales === null)).toBe(true);
  expect(sales()).toEqual([]);
});

test("0.2 % of the open hours miss and 0.1 % are aberrant, each drawn on its own; the others stay as they are", async () => {
  const stores = alike(900, { ...open, opening_hour: "0", closing_hour: "24" });
  const usual = (await written(chainOf({ ...stores, faults: retailFaultRates() }), WEEKDAY)).hours();
  const right = (await written(chainOf(stores), WEEKDAY)).hours();
  const isMissing = ({ visitors, sales }: HourRecord) => visitors === null && sales === null;
  const isAberrant = ({ visitors }: HourRecord) => visitors !== null && visitors >= 10_000;
  expect(isChance(usual.filter(isMissing).length, usual.length, 0.002)).toBe(true);
  expect(isChance(usual.filter(isAberrant).length, usual.length, 0.001)).toBe(true);
  const sound = usual.flatMap((hour, index) => (isMissing(hour) || isAberrant(hour) ? [] : [index]));
  expect(sound.map((index) => usual[index])).toEqual(sound.map((index) => right[index]));

  const few = alike(200, open);
  const often = { ...few, faults: forced({ missing_hour: 0.5, aberrant_visitors: 0.2 }) };
  const hours = (await written(chainOf(often), WEEKDAY)).hours();
  const both = hours.filter((hour) => isAberrant(hour) && hour.sales === null);
  expect(isChance(both.length, hours.filter(isOpen).length, 0.1)).toBe(true);
  // Not the quiet hours, nor the busy ones, are those that miss.
  const lost = (await written(chainOf(few), WEEKDAY)).hours().filter((_, index) => isMissing(hours[index]!));
  const early = visitorsOf(lost.filter(({ hour }) => hour === 7)) as number[];
  expect(Math.min(...early)).toBeLessThan(25);
  expect(Math.max(...early)).toBeGreaterThan(75);
});
