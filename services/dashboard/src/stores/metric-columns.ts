/** The columns of `store_daily_metrics.csv` (contract: retail stores, section 6.3), in their order. */
export const METRIC_COLUMNS = [
  "date",
  "day_of_week",
  "store_id",
  "total_visitors",
  "avg_visitors_last_4_weeks",
  "visitors_variation_vs_avg_4w_percent",
  "total_transactions",
  "avg_sales_last_4_weeks",
  "transactions_variation_vs_avg_4w_percent",
  "total_quantity",
  "best_selling_product_id",
  "best_selling_product_name",
  "total_revenue",
  "avg_revenue_last_4_weeks",
  "revenue_variation_vs_avg_4w_percent",
  "total_cost",
  "total_margin",
  "conversion_rate",
  "avg_transaction_value",
  "transactions_amount_variation_vs_avg_4w_percent",
  "revenue_per_visitor",
  "margin_per_visitor",
  "peak_hour_sales",
  "peak_hour_visitors",
] as const;
export type MetricColumn = (typeof METRIC_COLUMNS)[number];

/** Texts among them; all others are numbers. */
export const TEXT_COLUMNS: ReadonlySet<string> = new Set([
  "date",
  "day_of_week",
  "store_id",
  "best_selling_product_id",
  "best_selling_product_name",
] satisfies MetricColumn[]);

/** What is added up over stores and days. */
export const SUMMED = [
  "total_visitors",
  "avg_visitors_last_4_weeks",
  "total_transactions",
  "avg_sales_last_4_weeks",
  "total_quantity",
  "total_revenue",
  "avg_revenue_last_4_weeks",
  "total_cost",
  "total_margin",
] as const satisfies readonly MetricColumn[];
export type SummedColumn = (typeof SUMMED)[number];

/** What has no meaning as a sum, and none that sums could be divided to: the plain mean is taken. */
export const AVERAGED = [
  "visitors_variation_vs_avg_4w_percent",
  "transactions_variation_vs_avg_4w_percent",
  "revenue_variation_vs_avg_4w_percent",
  "transactions_amount_variation_vs_avg_4w_percent",
] as const satisfies readonly MetricColumn[];
export type AveragedColumn = (typeof AVERAGED)[number];

/** What is computed anew from sums: of stores of different sizes a mean of rates would be no rate of them all. */
export const RATES = {
  conversion_rate: { of: "total_transactions", per: "total_visitors", factor: 100 },
  avg_transaction_value: { of: "total_revenue", per: "total_transactions", factor: 1 },
  revenue_per_visitor: { of: "total_revenue", per: "total_visitors", factor: 1 },
  margin_per_visitor: { of: "total_margin", per: "total_visitors", factor: 1 },
} as const satisfies Partial<Record<MetricColumn, { of: SummedColumn; per: SummedColumn; factor: number }>>;
export type RateColumn = keyof typeof RATES;
