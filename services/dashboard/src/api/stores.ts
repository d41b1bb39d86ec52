import type { Figure } from "./business.ts";

/** The steps of the charts: query parameters, and the words that names of downloads have for them. */
export const STORE_STEPS = ["year", "quarter", "month", "day"] as const;
export type StoreStep = (typeof STORE_STEPS)[number];

/** `GET /api/stores/filters`: what can be chosen. Without stores' metrics in gold both lists are empty. */
export interface StoreChoices {
  /** With metrics, the newest first. */
  years: {
    year: number;
    /** 1 to 12, those with metrics, in their order. */
    months: number[];
  }[];
  /** By name. */
  stores: StoreChoice[];
  /** Today in the business time zone. */
  today: string;
  /** When the metrics were published; absent where there are none. */
  updated_at?: string;
}

export interface StoreChoice {
  id: string;
  /** The id, where the list of stores does not have it. */
  name: string;
  /** Its city. */
  location?: string;
}

/** Of which month, and of which store; of all stores where that is absent. */
export interface StoreMonth {
  year: number;
  month: number;
  store?: string;
}

/** `GET /api/stores/kpis?year=&month=&store=`: the month's figures beside those of the month before. */
export interface StoreKpis extends StoreMonth {
  /**
   * Of the current month only the days until today count, and of the month before those until the same day of the month:
   * that day. Absent where whole months are compared.
   */
  until_day?: number;
  /** The month before; its figures are `null` where it has no metrics. */
  previous: { year: number; month: number };
  /** Days with metrics, of any of the stores. */
  days: number;
  cards: {
    visitors: Figure;
    /** Transactions. */
    sales: Figure;
    revenue: Figure;
    cost: Figure;
    /** revenue - cost */
    margin: Figure;
    /** Transactions in 100 visitors; 0 without visitors. */
    conversion_rate: Figure;
    /** Revenue of a transaction; 0 without any. */
    average_basket: Figure;
  };
}

/** What the charts are about. */
export interface StoreSeriesFilter {
  step: StoreStep;
  store?: string;
  /** For steps of months and days. */
  year?: number;
  /** For steps of days. */
  month?: number;
}

/** `GET /api/stores/series?step=&year=&month=&store=`: all metrics over time. */
export interface StoreSeries extends StoreSeriesFilter {
  points: StorePoint[];
}

/**
 * The metrics of a stretch of time: sums over stores and days, rates from these sums, variations as means of those of
 * stores and days. `null` is what does not exist.
 */
export interface StorePoint {
  /** `2024`, `2024-Q1`, `2024-01` or `2024-01-31`. */
  period: string;
  total_visitors: number;
  avg_visitors_last_4_weeks: number;
  visitors_variation_vs_avg_4w_percent: number | null;
  total_transactions: number;
  avg_sales_last_4_weeks: number;
  transactions_variation_vs_avg_4w_percent: number | null;
  total_quantity: number;
  total_revenue: number;
  avg_revenue_last_4_weeks: number;
  revenue_variation_vs_avg_4w_percent: number | null;
  total_cost: number;
  total_margin: number;
  conversion_rate: number | null;
  avg_transaction_value: number | null;
  transactions_amount_variation_vs_avg_4w_percent: number | null;
  revenue_per_visitor: number | null;
  margin_per_visitor: number | null;
}
