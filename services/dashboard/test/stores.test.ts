import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../packages/common/test/support/runs.ts";
import type { StoreKpis, StoreSeriesFilter } from "../src/api/contract.ts";
import { downloadName } from "../src/stores/download.ts";
import { METRIC_COLUMNS } from "../src/stores/metric-columns.ts";
import { emptyStores, publishMetrics, type StoreDay } from "./stores-lake.ts";

const STORES = [
  ["s-10", "Magasin_10", "Lyon", "100", "8", "20"],
  ["s-2", "Magasin_2", "Paris", "200", "7", "19"],
] as const;

const day = (date: string, store: string, figures: Partial<StoreDay> = {}): StoreDay => ({
  ...{ date, store, visitors: 100, transactions: 10, quantity: 30, revenue: 1000, cost: 500, variation: 0 },
  ...figures,
});

/** The sum of a figure, exact to the cent. */
const sumOf = (
  days: readonly StoreDay[],
  figure: "visitors" | "transactions" | "quantity" | "revenue" | "cost",
) => days.reduce((sum, one) => sum + Math.round(Number(one[figure]) * 100), 0) / 100;

const valuesOf = ({ cards }: StoreKpis): Record<string, number | null> =>
  Object.fromEntries(Object.entries(cards).map(([name, { value }]) => [name, value]));

describe("the figures of a month", () => {
  test("are compared with the month before, cut at the same day while the month goes on", async () => {
    const { gold, stores } = emptyStores("2024-03-05T09:00:00Z");
    const dates = [
      "2024-02-01",
      "2024-02-05",
      "2024-02-06",
      "2024-02-29",
      "2024-03-01",
      "2024-03-05",
      "2024-03-06",
    ];
    await publishMetrics(
      gold,
      dates.map((date) => day(date, "s-2")),
      STORES,
    );
    expect(await stores.kpis({ year: 2024, month: 3 })).toMatchObject({
      until_day: 5,
      previous: { year: 2024, month: 2 },
      days: 2,
      cards: {
        visitors: { value: 200, previous: 200, change: 0 },
        average_basket: { value: 100, previous: 100 },
      },
    });
    const february = await stores.kpis({ year: 2024, month: 2 });
    expect(february).not.toHaveProperty("until_day");
    expect(february?.days).toBe(4);
    // Nothing to compare with.
    expect(february?.cards.revenue).toEqual({ value: 4000, previous: null, change: null });
  });

  test("which day is today is the business's", async () => {
    const { gold, stores } = emptyStores("2024-03-04T23:30:00Z", "Europe/Paris");
    await publishMetrics(gold, [day("2024-03-05", "s-2")], STORES);
    expect((await stores.kpis({ year: 2024, month: 3 }))?.cards.visitors.value).toBe(100);
    expect((await stores.choices()).today).toBe("2024-03-05");
  });

  test("January's are compared with those of December before, of the same store", async () => {
    const { gold, stores } = emptyStores("2024-06-01T00:00:00Z");
    const days = [
      day("2023-12-31", "s-2", { visitors: 50, transactions: 5, revenue: 400, cost: 100 }),
      day("2023-12-31", "s-10", { visitors: 999 }),
      day("2024-01-01", "s-2"),
    ];
    await publishMetrics(gold, days, STORES);
    const kpis = await stores.kpis({ year: 2024, month: 1, store: "s-2" });
    expect(kpis?.cards).toEqual({
      visitors: { value: 100, previous: 50, change: 1 },
      sales: { value: 10, previous: 5, change: 1 },
      revenue: { value: 1000, previous: 400, change: 1.5 },
      cost: { value: 500, previous: 100, change: 4 },
      margin: { value: 500, previous: 300, change: 200 / 300 },
      conversion_rate: { value: 10, previous: 10, change: 0 },
      average_basket: { value: 100, previous: 80, change: 0.25 },
    });
  });

  test("without visitors and transactions are 0, and nothing is compared with 0", async () => {
    const { gold, stores } = emptyStores("2024-06-01T00:00:00Z");
    const closed = { visitors: 0, transactions: 0, quantity: 0, revenue: 0, cost: 0 };
    await publishMetrics(
      gold,
      [day("2024-01-01", "s-2", closed), day("2024-02-01", "s-2", { visitors: "" })],
      STORES,
    );
    const january = await stores.kpis({ year: 2024, month: 1 });
    expect(valuesOf(january!)).toMatchObject({ visitors: 0, conversion_rate: 0, average_basket: 0 });
    const february = await stores.kpis({ year: 2024, month: 2 });
    expect(february?.cards.revenue).toEqual({ value: 1000, previous: 0, change: null });
    expect(february?.cards.conversion_rate.value).toBe(0);
    expect(valuesOf((await stores.kpis({ year: 2031, month: 2, store: "nowhere" }))!).visitors).toBe(0);
  });
});

describe("what can be chosen", () => {
  test("is what there is: years from the newest, their months, stores by name", async () => {
    const { gold, stores } = emptyStores("2024-06-01T00:00:00Z");
    const days = [day("2024-02-01", "s-2"), day("2023-12-31", "s-10"), day("2024-01-01", "unknown")];
    await publishMetrics(gold, days, STORES);
    expect(await stores.choices()).toEqual({
      years: [
        { year: 2024, months: [1, 2] },
        { year: 2023, months: [12] },
      ],
      stores: [
        { id: "s-2", name: "Magasin_2", location: "Paris" },
        { id: "s-10", name: "Magasin_10", location: "Lyon" },
        { id: "unknown", name: "unknown" },
      ],
      today: "2024-06-01",
      updated_at: "2024-06-01T11:52:00.000Z",
    });
  });

  test("is nothing in a lake without stores, or with a manifest that is none", async () => {
    const { gold, stores } = emptyStores("2024-06-01T00:00:00Z");
    const nothing = { years: [], stores: [], today: "2024-06-01" };
    expect(await stores.choices()).toEqual(nothing);
    expect(await stores.kpis({ year: 2024, month: 1 })).toBe(undefined);
    await gold.write("retail-stores/latest/manifest.json", Buffer.from('{"files":'));
    expect(await stores.choices()).toEqual(nothing);
    await gold.write("retail-stores/latest/manifest.json", Buffer.from('{"files":{}}'));
    expect(await stores.series({ step: "year" })).toBe(undefined);
  });

  test("is of the manifest, also while newer files are being published, and new at once afterwards", async () => {
    const { gold, stores } = emptyStores("2024-06-01T00:00:00Z");
    await publishMetrics(gold, [day("2024-02-01", "s-2")], STORES);
    await gold.write("retail-stores/latest/store_daily_metrics.csv", Buffer.from("half"));
    expect((await stores.choices()).years).toEqual([{ year: 2024, months: [2] }]);
    expect((await stores.csv({ step: "year" }, false))?.toString()).toContain("2024-02-01,Thursday,s-2");
    await publishMetrics(gold, [day("2024-03-01", "s-2")], STORES, "20240602T115000Z-0002");
    expect((await stores.choices()).years).toEqual([{ year: 2024, months: [3] }]);
  });
});

describe("the metrics over time", () => {
  const figures = fc.record({
    date: fc
      .integer({ min: 0, max: 800 })
      .map((days) => new Date(Date.UTC(2023, 10, 1 + days)).toISOString().slice(0, 10)),
    store: fc.constantFrom("s-2", "s-10", "s-3"),
    visitors: fc.oneof(
      fc.constant("" as const),
      fc.integer({ min: 0, max: 9000 }).map((value) => value / 100),
    ),
    transactions: fc.integer({ min: 0, max: 50 }),
    quantity: fc.integer({ min: 0, max: 500 }),
    revenue: fc.integer({ min: 0, max: 10_000_000 }).map((cents) => cents / 100),
    cost: fc.integer({ min: 0, max: 10_000_000 }).map((cents) => cents / 100),
    variation: fc.oneof(fc.constant("" as const), fc.integer({ min: -100, max: 300 })),
  });
  const PERIODS = {
    year: (date: string) => date.slice(0, 4),
    quarter: (date: string) => `${date.slice(0, 4)}-Q${Math.floor((Number(date.slice(5, 7)) + 2) / 3)}`,
    month: (date: string) => date.slice(0, 7),
    day: (date: string) => date,
  };
  const rate = (value: number, by: number) => (by === 0 ? null : expect.closeTo(value / by, 5));

  test("are sums over stores and days, and rates of these sums", async () => {
    const { gold, stores } = emptyStores("2026-06-01T00:00:00Z");
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(figures, { minLength: 1, maxLength: 60, selector: ({ date, store }) => date + store }),
        fc.constantFrom("year", "quarter", "month", "day" as const),
        fc.constantFrom(undefined, "s-2", "s-10"),
        async (days, step, store) => {
          await publishMetrics(gold, days, STORES, `run-${run++}`);
          const [year, month] = days[0]!.date.split("-").map(Number) as [number, number];
          const filter: StoreSeriesFilter = {
            step,
            ...(store && { store }),
            ...((step === "month" || step === "day") && { year }),
            ...(step === "day" && { month }),
          };
          const isAskedFor = ({ date, store: of }: StoreDay): boolean =>
            (store === undefined || of === store) &&
            (filter.year === undefined || Number(date.slice(0, 4)) === year) &&
            (filter.month === undefined || Number(date.slice(5, 7)) === month);
          const groups = Map.groupBy(days.filter(isAskedFor), ({ date }) => PERIODS[step](date));
          const expected = [...groups]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([period, group]) => {
              const [visitors, transactions] = [sumOf(group, "visitors"), sumOf(group, "transactions")];
              const [revenue, cost] = [sumOf(group, "revenue"), sumOf(group, "cost")];
              const variations = group.flatMap(({ variation }) => (variation === "" ? [] : [variation]));
              const margin = Math.round((revenue - cost) * 100) / 100;
              return {
                period,
                total_visitors: visitors,
                avg_visitors_last_4_weeks: visitors,
                visitors_variation_vs_avg_4w_percent: rate(
                  variations.reduce((sum, one) => sum + one, 0),
                  variations.length,
                ),
                total_transactions: transactions,
                avg_sales_last_4_weeks: transactions,
                transactions_variation_vs_avg_4w_percent: 0,
                total_quantity: sumOf(group, "quantity"),
                total_revenue: revenue,
                avg_revenue_last_4_weeks: revenue,
                revenue_variation_vs_avg_4w_percent: 0,
                total_cost: cost,
                total_margin: margin,
                conversion_rate: rate(100 * transactions, visitors),
                avg_transaction_value: rate(revenue, transactions),
                transactions_amount_variation_vs_avg_4w_percent: 0,
                revenue_per_visitor: rate(revenue, visitors),
                margin_per_visitor: rate(margin, visitors),
              };
            });
          expect(await stores.series(filter)).toEqual({ ...filter, points: expected });
        },
      ),
      { numRuns: runs(20) },
    );
  });
});

describe("a download", () => {
  test("has a name that tells the filter", () => {
    expect(downloadName({ step: "year" })).toBe("metrics_all_stores_Annuel");
    expect(downloadName({ step: "quarter", store: "s-2" })).toBe("metrics_store_s-2_Trimestriel");
    expect(downloadName({ step: "month", year: 2024 })).toBe("metrics_all_stores_Mensuel_2024");
    expect(downloadName({ step: "day", year: 2024, month: 1, store: "a" })).toBe(
      "metrics_store_a_Quotidien_2024_1",
    );
    expect(downloadName({ step: "year", store: 'a"\r\n/é' })).toBe("metrics_store_a______Annuel");
  });

  test("has the rows as they lie in gold, with year and month, and nothing that a spreadsheet would run", async () => {
    const { gold, stores } = emptyStores("2024-06-01T00:00:00Z");
    const days = [
      day("2023-12-31", "s-2"),
      day("2024-01-01", "s-10", { best: 'Chaise, "rouge"' }),
      day("2024-01-02", "s-2", { best: "=1+1" }),
      day("2024-02-02", "s-2"),
    ];
    const [header, ...lines] = (await publishMetrics(gold, days, STORES)).trimEnd().split("\n") as [
      string,
      ...string[],
    ];
    const csv = async (filter: StoreSeriesFilter, isRaw = true): Promise<string[]> =>
      (await stores.csv(filter, isRaw))!.toString().split("\n");
    expect(header).toBe(METRIC_COLUMNS.join(","));
    const months = ["2023,12", "2024,1", "2024,1", "2024,2"];
    const whole = lines.map((line, index) => `${line},${months[index]}`);
    expect(await csv({ step: "year" })).toEqual([`${header},year,month`, ...whole, ""]);
    expect((await csv({ step: "month", year: 2024 })).slice(1)).toEqual([...whole.slice(1), ""]);
    expect((await csv({ step: "day", year: 2024, month: 1 })).slice(1)).toEqual([...whole.slice(1, 3), ""]);
    expect((await csv({ step: "day", year: 2024, month: 1, store: "s-2" })).slice(1)).toEqual([whole[2], ""]);
    expect((await csv({ step: "year" }, false))[3]).toBe(whole[2]!.replace("=1+1", "'=1+1"));
  });

  test("of quarters has a row for each quarter and store", async () => {
    const { gold, stores } = emptyStores("2024-06-01T00:00:00Z");
    const days = [
      day("2024-01-01", "s-2"),
      day("2024-03-31", "s-2"),
      day("2024-03-31", "s-10"),
      day("2024-04-01", "s-2"),
    ];
    await publishMetrics(gold, days, STORES);
    const [header, ...rows] = (await stores.csv({ step: "quarter" }, false))!
      .toString()
      .trimEnd()
      .split("\n");
    expect(header).toMatch(
      /^quarter,store_id,total_visitors,avg_visitors_last_4_weeks,.*,margin_per_visitor$/,
    );
    expect(rows.map((row) => row.split(",").slice(0, 3))).toEqual([
      ["2024-Q1", "s-10", "100"],
      ["2024-Q1", "s-2", "200"],
      ["2024-Q2", "s-2", "100"],
    ]);
  });
});
