import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs, runsTimeout } from "../../../common/test/support/runs.ts";
import { hour, line, type Metrics, openChain, PRODUCTS, STORES } from "./chain.ts";
import { type Hour, type Line, lastFour, type StoreDay, storeDays } from "./oracle.ts";

const DAY_MS = 86_400_000;
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
/** Two weekdays over seven weeks, so that histories are long, with gaps, and longer than four weeks. */
const DAYS = Array.from({ length: 14 }, (_, at) => 7 * Math.floor(at / 2) + (at % 2)).map((day) =>
  new Date(Date.parse("2026-01-05") + day * DAY_MS).toISOString().slice(0, 10),
);

const anyVisitors = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 2, arbitrary: fc.constantFrom(null, 0, 5000, 5001, 62_500) },
);
const anyHours = fc.uniqueArray(
  fc.record({
    hour: fc.integer({ min: 0, max: 23 }),
    visitors: anyVisitors,
    sales: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 30 }) }, fc.constant(null)),
  }),
  { maxLength: 6, selector: ({ hour: of }) => of },
);
const anyLines = fc.array(
  fc.record({
    product_id: fc.constantFrom("A", "B", "unknown"),
    quantity: fc.integer({ min: 0, max: 5 }),
    sale_amount: fc.integer({ min: 0, max: 100_000 }).map((cents) => cents / 100),
  }),
  { maxLength: 5 },
);
const anyStoreDay = fc.record({
  store_id: fc.constantFrom(...STORES.map(({ id }) => id)),
  date: fc.constantFrom(...DAYS),
  hours: anyHours,
  lines: anyLines,
  run: fc.nat(1),
});
const anyHistory = fc.uniqueArray(anyStoreDay, {
  minLength: 12,
  maxLength: 28,
  selector: ({ store_id, date }) => `${date} ${store_id}`,
});

function expectRow(row: Metrics, key: string, days: ReadonlyMap<string, StoreDay>): void {
  const day = days.get(key)!;
  const number = (name: string): number | null => (row[name] === "" ? null : Number(row[name]));
  const is = (name: string, value: number | null): void => {
    const found = number(name);
    const margin = 1e-9 * Math.max(1, Math.abs(value ?? 0));
    if (value === null || found === null) expect(found, `${key} ${name}`).toBe(value);
    else expect(Math.abs(found - value), `${key} ${name}: ${found}, ${value}`).toBeLessThanOrEqual(margin);
  };
  const per = (value: number, of: number): number | null => (of === 0 ? null : value / of);
  const [revenue, cost] = [day.revenue / 100, day.cost / 100];
  expect(row.day_of_week).toBe(WEEKDAYS[new Date(row.date!).getUTCDay()]);
  expect(row.best_selling_product_id).toBe(day.bestSeller);
  expect(row.best_selling_product_name).toBe(PRODUCTS.find(({ id }) => id === day.bestSeller)?.name ?? "");
  is("total_visitors", day.visitors);
  is("total_transactions", day.transactions);
  is("total_quantity", day.quantity);
  expect(row.total_revenue).toBe(revenue.toFixed(2));
  expect(row.total_cost).toBe(cost.toFixed(2));
  is("total_margin", (day.revenue - day.cost) / 100);
  is("conversion_rate", per(100 * day.transactions, day.visitors));
  is("avg_transaction_value", per(revenue, day.transactions));
  is("revenue_per_visitor", per(revenue, day.visitors));
  is("margin_per_visitor", per((day.revenue - day.cost) / 100, day.visitors));
  is("peak_hour_sales", day.peakSales);
  is("peak_hour_visitors", day.peakVisitors);
  for (const [average, variation, figure, unit] of [
    ["avg_visitors_last_4_weeks", "visitors_variation_vs_avg_4w_percent", "visitors", 1],
    ["avg_sales_last_4_weeks", "transactions_variation_vs_avg_4w_percent", "transactions", 1],
    ["avg_revenue_last_4_weeks", "revenue_variation_vs_avg_4w_percent", "revenue", 100],
  ] as const) {
    const values = lastFour(days, key, figure);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length / unit;
    expect(row[average]).toMatch(/^\d+\.\d\d$/);
    expect(Math.abs(number(average)! - mean), `${key} ${average}`).toBeLessThanOrEqual(0.005 + 1e-6);
    is(variation, per((day[figure] / unit - number(average)!) * 100, number(average)!));
  }
  const basket = per(number("avg_revenue_last_4_weeks")!, number("avg_sales_last_4_weeks")!);
  const own = per(revenue, day.transactions);
  const expected = basket === null || own === null ? null : per((own - basket) * 100, basket);
  is("transactions_amount_variation_vs_avg_4w_percent", expected);
}

describe("the daily metrics", () => {
  test(
    "are those that a naive computation finds, whatever arrives in which run",
    async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, async (history) => {
          await using chain = await openChain();
          await chain.put("products.json", PRODUCTS);
          await chain.put("stores.json", STORES);
          const hours: Hour[] = [];
          const lines: Line[] = [];
          for (const run of [0, 1]) {
            const arrived = history.filter((day) => day.run === run);
            const newHours = arrived.flatMap(({ store_id, date, hours: of }) =>
              of.map((values) => hour({ store_id, date, ...values }) as Hour),
            );
            const newLines = arrived.flatMap(({ store_id, date, lines: of }) =>
              of.map((values) => line({ store_id, sale_date: date, ...values }) as Line),
            );
            hours.push(...newHours);
            lines.push(...newLines);
            // A run needs hours; the list of the first run may be empty.
            await chain.put(`retail_data_${run}.json`, [...newHours, hour({ date: "2025-06-02" })]);
            if (newLines.length > 0) await chain.put(`sales_${run}.json`, newLines);
            expect((await chain.run()).error).toBeUndefined();
          }
          const days = storeDays([...hours, hour({ date: "2025-06-02" }) as Hour], lines);
          const rows = await chain.metrics();
          expect(rows.map(({ date, store_id }) => `${date} ${store_id}`)).toEqual([...days.keys()].sort());
          for (const row of rows) expectRow(row, `${row.date} ${row.store_id}`, days);
        }),
        { numRuns: runs(2) },
      );
    },
    runsTimeout(30_000),
  );

  test("are those of the reference vectors", async () => {
    await using chain = await openChain();
    await chain.put("products.json", PRODUCTS);
    await chain.put("stores.json", [...STORES, { id: "S3" }, { id: "S4" }]);
    await chain.put("retail_data.json", [
      // The first store has a day of the ratios, then 20, 30 and 40 visitors on the same weekday.
      hour({ date: "2025-12-01", visitors: 100, sales: 10 }),
      ...[10, 20, 30, 40].map((visitors, week) =>
        hour({
          date: `2026-01-${String(5 + 7 * week).padStart(2, "0")}`,
          visitors,
          sales: 10 * visitors,
        }),
      ),
      hour({ store_id: "S2", hour: 10, visitors: 100, sales: 10 }),
      hour({ store_id: "S2", hour: 14, visitors: 200, sales: 20 }),
      // Repaired to 150, which does not make it the peak.
      hour({ store_id: "S3", hour: 9, visitors: 100, sales: 10 }),
      hour({ store_id: "S3", hour: 10, visitors: 6000, sales: 15 }),
      hour({ store_id: "S3", hour: 11, visitors: 200, sales: 20 }),
      hour({ store_id: "S4", hour: 0, visitors: 0, sales: 0 }),
      hour({ store_id: "S4", hour: 1, visitors: 0, sales: 0 }),
    ]);
    await chain.put("sales.json", [
      line({ sale_date: "2025-12-01", quantity: 10, product_id: "B", sale_amount: 1000 }),
      line({ store_id: "S2", product_id: "A", quantity: 10 }),
      line({ store_id: "S2", product_id: "B", quantity: 20 }),
    ]);
    expect((await chain.run()).error).toBeUndefined();
    const rows = new Map((await chain.metrics()).map((row) => [`${row.date} ${row.store_id}`, row]));
    expect(rows.get("2025-12-01 S1")).toMatchObject({
      conversion_rate: "10",
      avg_transaction_value: "100",
      revenue_per_visitor: "10",
      total_margin: "500.00",
      margin_per_visitor: "5",
    });
    expect(rows.get("2026-01-26 S1")).toMatchObject({
      avg_visitors_last_4_weeks: "25.00",
      avg_sales_last_4_weeks: "250.00",
      visitors_variation_vs_avg_4w_percent: "60",
    });
    expect(rows.get("2026-01-05 S2")).toMatchObject({
      total_visitors: "300",
      total_transactions: "30",
      peak_hour_sales: "14",
      peak_hour_visitors: "14",
      best_selling_product_id: "B",
    });
    expect(rows.get("2026-01-05 S3")).toMatchObject({ total_visitors: "450", peak_hour_visitors: "11" });
    expect(rows.get("2026-01-05 S4")).toMatchObject({
      ...{ total_visitors: "0", conversion_rate: "", avg_transaction_value: "", revenue_per_visitor: "" },
      ...{ margin_per_visitor: "", total_margin: "0.00", best_selling_product_id: "", peak_hour_sales: "0" },
      visitors_variation_vs_avg_4w_percent: "",
    });
  });
});
