import { timeZone } from "@ingot/pipelines";
import { openSalesFeed } from "@ingot/warehouse";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runs, runsTimeout } from "../../../packages/common/test/support/runs.ts";
import {
  clicks,
  customers,
  order,
  orders,
  silver,
  type TestObject,
} from "../../../packages/warehouse/test/silver-rows.ts";
import type { SalesFilter, SalesReport, SalesTable } from "../src/api/contract.ts";
import { Answerer } from "../src/cube/answers.ts";
import { Deadline } from "../src/cube/deadline.ts";
import { History } from "../src/cube/history.ts";
import { addDays, naiveReport } from "./cube-oracle.ts";
import { countedReport, LIMITS, newWarehouseFile, openCube, openWarehouse } from "./cube-support.ts";

const ALL: SalesFilter = { from: "2024-02-27", to: "2024-03-04", channel: [], country: [], product: [] };
/** The day of a click is another one in each of them. */
const ZONES = ["UTC", "America/St_Johns"];

const few = (prefix: string, count: number) => fc.nat({ max: count - 1 }).map((n) => `${prefix}${n}`);
const customerId = fc.oneof({ weight: 9, arbitrary: few("C", 6) }, { weight: 1, arbitrary: fc.constant("") });
const instant = fc
  .tuple(
    fc.integer({ min: -2, max: 2 }),
    fc.constantFrom("00:00:00.000000", "03:29:59.999999", "23:59:59.999999"),
  )
  .map(([day, time]) => `${addDays("2024-03-01", day)}T${time}Z`);
const amount = fc.oneof(fc.nat({ max: 20_000 }), fc.constant(999_999_999_999_999));
const anyOrder = fc.record({
  orderId: few("O", 12),
  customerId,
  product: few("P", 13),
  channel: few("ch", 2),
  quantity: fc.option(amount),
  total: amount,
  ts: instant,
});
const anyObject = fc.oneof(
  fc
    .array(anyOrder, { maxLength: 12 })
    .map((rows) => orders("", ...rows.map((row) => order(row.orderId, row)))),
  fc
    .array(fc.record({ customerId: few("C", 6), country: fc.constantFrom("NA", "France", "Spain") }), {
      maxLength: 4,
    })
    .map((rows) => customers("", ...rows)),
  fc
    .array(fc.record({ customerId, page: few("/p", 12), ts: instant }), { maxLength: 12 })
    .map((rows) => clicks("", ...rows)),
);
const some = (...names: string[]) => fc.oneof(fc.constant<string[]>([]), fc.subarray([...names, "nowhere"]));
const anyFilter = fc
  .record({
    from: fc.integer({ min: -4, max: 3 }),
    days: fc.integer({ min: 0, max: 5 }),
    channel: some("ch0", "ch1"),
    country: some("NA", "France", "Spain"),
    product: some("P0", "P1", "P2"),
  })
  .map(({ from, days, ...filter }) => {
    const first = addDays("2024-03-01", from);
    return { from: first, to: addDays(first, days), ...filter };
  });
const anySteps = fc.array(
  fc.record({
    objects: fc.array(anyObject, { maxLength: 4 }),
    isRebuild: fc.nat({ max: 11 }).map((n) => n === 0),
    filters: fc.array(anyFilter, { minLength: 1, maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 5 },
);

test(
  "any filter after any step gives what a naive computation gives",
  async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, fc.nat(), async (steps, seed) => {
        const file = newWarehouseFile();
        const warehouse = openWarehouse(file);
        const cubes = ZONES.map((zone) => {
          const history = new History(() => openSalesFeed(file), timeZone(zone));
          return { zone, history, answerer: new Answerer(history) };
        });
        const objects: TestObject[] = [];
        for (const [step, { objects: next, isRebuild, filters }] of steps.entries()) {
          // Keys are unique; their order has nothing to do with the order of arrival.
          const keyOf = (n: number): string => `${(seed + 7 * step + n) % 11}-${step}-${n}`;
          const named = next.map((object, n) => ({ ...object, bronzeKey: keyOf(n) }));
          objects.push(...named);
          if (isRebuild) await warehouse.rebuild(objects.map(silver));
          else await warehouse.ingest(named.map(silver));
          const revision = await warehouse.revision();
          for (const { zone, history, answerer } of cubes) {
            history.refresh();
            for (const filter of [ALL, ...filters]) {
              const report = answerer.answer(
                { kind: "report", filter },
                new Deadline(Number.POSITIVE_INFINITY, 0),
              );
              expect(report).toEqual({ ...naiveReport(objects, filter, zone), filter, revision });
            }
          }
        }
        await warehouse.close();
      }),
      { numRuns: runs(15) },
    );
  },
  runsTimeout(30_000),
);

/** A table of a report as rows. */
const rowsOf = (report: SalesReport, table: SalesTable): unknown[][] =>
  report[table].map((row) => Object.values(row));

test("tables have the report's columns, and all rows", async () => {
  const file = newWarehouseFile();
  const warehouse = openWarehouse(file);
  const many = Array.from({ length: 30 }, (_, n) => n);
  await warehouse.ingest([
    silver(
      orders(
        "a",
        ...many.map((n) => order(`O${n}`, { product: `P${n}`, total: n * 10_000, channel: `ch${n % 2}` })),
      ),
    ),
    silver(clicks("b", ...many.map((n) => ({ page: `/p${n}` })))),
  ]);
  const cube = openCube(file);
  const report = await cube.report(ALL, LIMITS);
  for (const name of ["sales_by_day", "channels", "countries", "visits_by_day"] as const) {
    const { columns, rows } = await cube.table(name, ALL, LIMITS);
    expect(rows).toEqual(rowsOf(report, name));
    expect(columns.map((column) => column.name)).toEqual(Object.keys(report[name][0]!));
  }
  const products = await cube.table("products", ALL, LIMITS);
  expect(products.columns).toEqual([
    { name: "product", type: "text" },
    { name: "orders", type: "integer" },
    { name: "quantity", type: "quantity" },
    { name: "revenue", type: "money" },
  ]);
  expect(products.rows).toHaveLength(report.product_count);
  expect(products.rows.slice(0, 10)).toEqual(rowsOf(report, "products"));
  const pages = await cube.table("pages", ALL, LIMITS);
  expect(pages.rows).toHaveLength(report.page_count);
  expect(pages.rows.slice(0, 10)).toEqual(rowsOf(report, "pages"));
});

test("sums that no float holds are exact", async () => {
  const file = newWarehouseFile();
  const many = Array.from({ length: 900 }, (_, n) => {
    const total = 999_999_999_999_999 - 7 * n;
    const ts = `${addDays("2024-03-01", n % 3)}T10:00:00.000000Z`;
    return order(`O${n}`, {
      total,
      quantity: total - (n % 5),
      ts,
      product: `P${n % 7}`,
      channel: `ch${n % 4}`,
    });
  });
  const objects = [orders("a", ...many)];
  await openWarehouse(file).ingest(objects.map(silver));
  const cube = openCube(file);
  for (const filter of [
    ALL,
    { ...ALL, channel: ["ch1", "ch2"] },
    { ...ALL, from: "2024-03-02", country: ["NA"] },
  ])
    expect(await countedReport(cube, filter)).toMatchObject(naiveReport(objects, filter, "UTC"));
});

test("an unfiltered report says what gold says", async () => {
  const file = newWarehouseFile();
  const warehouse = openWarehouse(file);
  const names = ["b", "a", "\u{1f600}", "～", "B", "é"];
  await warehouse.ingest([
    silver(
      orders("k", ...names.map((product, n) => order(`O${n}`, { product, total: 100_049 + 3 * (n >> 1) }))),
    ),
  ]);
  const cube = openCube(file);
  const { products, cards } = await cube.report(ALL, LIMITS);
  const best = await warehouse.query("SELECT product FROM sales_by_product ORDER BY revenue DESC, product");
  expect(products.map(({ product }) => product)).toEqual(best.rows.flat());
  expect(cards.average_order_value.value).toBe(10.01);
  expect((await cube.choices(LIMITS)).products.map(({ name }) => name)).toEqual(best.rows.flat());
});

test("days far away are days, and long periods have only days with data", async () => {
  const file = newWarehouseFile();
  const far = ["0001-01-01T00:00:00.000000Z", "2024-03-01T10:00:00.000000Z", "9999-12-31T23:59:59.999999Z"];
  await openWarehouse(file).ingest([
    silver(orders("a", ...far.map((ts) => order(ts, { ts })))),
    silver(clicks("b", ...far.map((ts) => ({ ts })))),
  ]);
  for (const zone of ["Asia/Tokyo", "America/New_York"]) {
    const cube = openCube(file, zone, new Date("2024-03-01T20:00:00Z"));
    const { days, today } = await cube.choices(LIMITS);
    expect(days).toEqual({ first: "0001-01-01", last: "9999-12-31" });
    expect(today).toBe(zone === "Asia/Tokyo" ? "2024-03-02" : "2024-03-01");
    const period = { ...ALL, from: days!.first, to: days!.last };
    const dates = async (name: SalesTable) =>
      (await cube.table(name, period, LIMITS)).rows.map(([date]) => date);
    expect(await dates("sales_by_day")).toEqual(far.map((ts) => ts.slice(0, 10)));
    expect(await dates("visits_by_day")).toEqual(far.map((ts) => ts.slice(0, 10)));
    expect((await cube.table("pages", period, LIMITS)).rows).toEqual([["/home", 3, 1]]);
    await expect(cube.report(period, LIMITS)).rejects.toMatchObject({ code: "invalid_parameter" });
    const first = await cube.report({ ...ALL, from: "0001-01-01", to: "0001-01-31" }, LIMITS);
    expect(first.previous).toEqual({ from: "0000-12-01", to: "0000-12-31" });
    expect(first.cards.orders).toEqual({ value: 1, previous: 0, change: null });
    const last = await cube.report({ ...ALL, from: "9999-12-31", to: "9999-12-31" }, LIMITS);
    expect(last.visits_by_day).toMatchObject([{ date: "9999-12-31", visitors: 1, buyers: 1 }]);
  }
});

test("periods that are none are refused", async () => {
  const cube = openCube(newWarehouseFile());
  for (const period of [
    { from: "2024-02-30", to: "2024-03-01" },
    { from: "2024-03-02", to: "2024-03-01" },
    { from: "yesterday", to: "2024-03-01" },
  ])
    await expect(cube.report({ ...ALL, ...period }, LIMITS)).rejects.toMatchObject({
      code: "invalid_parameter",
    });
});
