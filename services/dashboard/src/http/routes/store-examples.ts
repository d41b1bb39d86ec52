import type { StoreChoices, StoreKpis, StoreSeries } from "../../api/contract.ts";

const STORE = "6513270e-269e-4d37-b2a7-4de452e6b438";

export const STORE_CHOICES_EXAMPLE: StoreChoices = {
  years: [
    { year: 2025, months: [1] },
    { year: 2024, months: [11, 12] },
  ],
  stores: [{ id: STORE, name: "Magasin_1", location: "Paris" }],
  today: "2025-01-31",
  updated_at: "2025-01-31T11:52:10.000Z",
};

export const STORE_KPIS_EXAMPLE: StoreKpis = {
  year: 2025,
  month: 1,
  store: STORE,
  until_day: 31,
  previous: { year: 2024, month: 12 },
  days: 31,
  cards: {
    visitors: { value: 12_400, previous: 12_000, change: 0.0333 },
    sales: { value: 4960, previous: 5000, change: -0.008 },
    revenue: { value: 5_208_000, previous: 5_000_000, change: 0.0416 },
    cost: { value: 3_385_200, previous: 3_200_000, change: 0.0579 },
    margin: { value: 1_822_800, previous: 1_800_000, change: 0.0127 },
    conversion_rate: { value: 40, previous: 41.67, change: -0.04 },
    average_basket: { value: 1050, previous: 1000, change: 0.05 },
  },
};

export const STORE_SERIES_EXAMPLE: StoreSeries = {
  step: "day",
  store: STORE,
  year: 2025,
  month: 1,
  points: [
    {
      period: "2025-01-01",
      total_visitors: 400,
      avg_visitors_last_4_weeks: 380.5,
      visitors_variation_vs_avg_4w_percent: 5.12,
      total_transactions: 160,
      avg_sales_last_4_weeks: 150,
      transactions_variation_vs_avg_4w_percent: 6.67,
      total_quantity: 1440,
      total_revenue: 168_000,
      avg_revenue_last_4_weeks: 160_000,
      revenue_variation_vs_avg_4w_percent: 5,
      total_cost: 109_200,
      total_margin: 58_800,
      conversion_rate: 40,
      avg_transaction_value: 1050,
      transactions_amount_variation_vs_avg_4w_percent: -1.56,
      revenue_per_visitor: 420,
      margin_per_visitor: 147,
    },
  ],
};
