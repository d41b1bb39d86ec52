import type { StorePoint, StoreStep } from "../../../src/api/contract.ts";
import type { StoreTexts } from "../i18n/stores-en.ts";
import type { StoreTheme } from "./routes.ts";

/** A metric that charts show. */
export type StoreMetric = keyof StoreTexts["metrics"] & keyof StorePoint;

export type MetricForm = "count" | "money" | "percent";

export interface StoreLine {
  metric: StoreMetric;
  form: MetricForm;
  /** Drawn for days only: longer stretches have no average of four weeks. */
  isDaily?: boolean;
  /** Dashed, and measured on the right. */
  isRight?: boolean;
}

export interface StoreChart {
  name: keyof StoreTexts["charts"];
  lines: StoreLine[];
}

/** What each theme shows (contract: retail stores, section 7.2). */
const CHARTS: Readonly<Record<StoreTheme, readonly StoreChart[]>> = {
  visitors: [
    {
      name: "visitors",
      lines: [
        { metric: "total_visitors", form: "count" },
        { metric: "avg_visitors_last_4_weeks", form: "count", isDaily: true },
      ],
    },
    {
      name: "visitorsVariation",
      lines: [{ metric: "visitors_variation_vs_avg_4w_percent", form: "percent", isDaily: true }],
    },
  ],
  transactions: [
    {
      name: "transactions",
      lines: [
        { metric: "total_transactions", form: "count" },
        { metric: "avg_sales_last_4_weeks", form: "count", isDaily: true },
      ],
    },
    {
      name: "transactionsVariation",
      lines: [{ metric: "transactions_variation_vs_avg_4w_percent", form: "percent", isDaily: true }],
    },
  ],
  revenue: [
    {
      name: "revenue",
      lines: [
        { metric: "total_revenue", form: "money" },
        { metric: "avg_revenue_last_4_weeks", form: "money", isDaily: true },
      ],
    },
    {
      name: "quantity",
      lines: [
        { metric: "total_quantity", form: "count" },
        { metric: "revenue_variation_vs_avg_4w_percent", form: "percent", isDaily: true, isRight: true },
      ],
    },
  ],
  margins: [
    {
      name: "margins",
      lines: [
        { metric: "total_cost", form: "money" },
        { metric: "total_margin", form: "money" },
      ],
    },
  ],
  efficiency: [
    { name: "conversion", lines: [{ metric: "conversion_rate", form: "percent" }] },
    { name: "basket", lines: [{ metric: "avg_transaction_value", form: "money" }] },
  ],
  perVisitor: [
    {
      name: "perVisitor",
      lines: [
        { metric: "revenue_per_visitor", form: "money" },
        { metric: "margin_per_visitor", form: "money" },
      ],
    },
  ],
};

/** The charts of a theme with the lines that a step has. */
export function storeCharts(theme: StoreTheme, step: StoreStep): StoreChart[] {
  return CHARTS[theme]
    .map(({ name, lines }) => ({ name, lines: lines.filter(({ isDaily }) => !isDaily || step === "day") }))
    .filter(({ lines }) => lines.length > 0);
}
