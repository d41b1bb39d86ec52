import { describe, expect, it } from "vitest";
import { createFormats } from "../web/src/lib/formats.ts";
import { STORE_THEMES } from "../web/src/lib/routes.ts";
import { storeCharts } from "../web/src/lib/store-charts.ts";

/** Spaces that do not break, as Intl has them, as plain ones. */
const plain = (text: string) => text.replace(/[\u00a0\u202f\u2009]/g, " ");

describe("the charts of stores", () => {
  it("are those of the contract, with averages and variations for days only", () => {
    const shown = (step: "day" | "quarter") =>
      STORE_THEMES.map((theme) =>
        storeCharts(theme, step).map(({ lines }) =>
          lines.map(({ metric, isRight }) => (isRight ? `${metric} (right)` : metric)),
        ),
      );
    expect(shown("quarter")).toEqual([
      [["total_visitors"]],
      [["total_transactions"]],
      [["total_revenue"], ["total_quantity"]],
      [["total_cost", "total_margin"]],
      [["conversion_rate"], ["avg_transaction_value"]],
      [["revenue_per_visitor", "margin_per_visitor"]],
    ]);
    expect(shown("day")).toEqual([
      [["total_visitors", "avg_visitors_last_4_weeks"], ["visitors_variation_vs_avg_4w_percent"]],
      [["total_transactions", "avg_sales_last_4_weeks"], ["transactions_variation_vs_avg_4w_percent"]],
      [
        ["total_revenue", "avg_revenue_last_4_weeks"],
        ["total_quantity", "revenue_variation_vs_avg_4w_percent (right)"],
      ],
      [["total_cost", "total_margin"]],
      [["conversion_rate"], ["avg_transaction_value"]],
      [["revenue_per_visitor", "margin_per_visitor"]],
    ]);
  });
});

describe("figures of stores", () => {
  it.each([
    ["fr-FR", ["12 345", "12,345 M€", "39,20 %", "1 177,02 €", "Août"]],
    ["en-GB", ["12,345", "12.345 M€", "39.20%", "€1,177.02", "August"]],
  ])("have the reader's form: %s", (locale, expected) => {
    const f = createFormats({ numbers: locale, dates: locale, currency: "EUR" });
    const shown = [
      f.integer(12_345.4),
      f.millions(12_345_400),
      f.rate(39.195),
      f.money(1177.0248),
      f.monthName(8),
    ];
    expect(shown.map(plain)).toEqual(expected);
    expect(f.currencySymbol).toBe("€");
    expect([f.took(1340), f.took(90_000)].map(plain)).toEqual(
      locale === "fr-FR" ? ["1,3 s", "1,5 min"] : ["1.3 secs", "1.5 mins"],
    );
  });
});
