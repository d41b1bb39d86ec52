/** The addresses `/api/sales/<table>.csv|xlsx|json`, and the names of these tables elsewhere. */
export const SALES_TABLES = [
  "sales_by_day",
  "products",
  "channels",
  "countries",
  "visits_by_day",
  "pages",
] as const;
export type SalesTable = (typeof SALES_TABLES)[number];

/**
 * What is looked at: query parameters of the same names, the lists as repeated parameters. An empty list means all.
 * Channels and products do not apply to visits.
 */
export interface SalesFilter {
  /** First and last day, both included. */
  from: string;
  to: string;
  channel: string[];
  country: string[];
  product: string[];
}

export interface Period {
  from: string;
  to: string;
}

/** `GET /api/filters`: what can be chosen. */
export interface FilterChoices {
  /** The first and the last day with sales or visits; absent where there are none. */
  days?: { first: string; last: string };
  /** Today in the business time zone. */
  today: string;
  /** Each with its revenue in all of history, the greatest first. */
  channels: Choice[];
  countries: Choice[];
  products: Choice[];
}

export interface Choice {
  name: string;
  revenue: number;
}

/** A figure and the one of the previous period. */
export interface Figure {
  value: number | null;
  previous: number | null;
  /** (value - previous) / previous; `null` where there is no previous one or it is 0. */
  change: number | null;
}

export interface SalesRow {
  orders: number;
  quantity: number;
  revenue: number;
}

/** `GET /api/sales`: everything that the page of the business shows. */
export interface SalesReport {
  filter: SalesFilter;
  /** The period of the same length that ends the day before. */
  previous: Period;
  /** What it was computed from; another text whenever that changes. */
  revision: string;
  cards: {
    revenue: Figure;
    orders: Figure;
    average_order_value: Figure;
    /** Different customers who ordered. */
    customers: Figure;
    /** Share of the visitors who ordered in the same period, 0 to 1. */
    conversion: Figure;
  };
  /**
   * Share of the history that customers are counted in so far; absent where it is all. Until then they and the conversion are
   * `null`, and `visits_by_day` and `pages` are empty.
   */
  counting?: number;
  /** One row for each day of the period, those without sales included; at most 3,700. */
  sales_by_day: ({ order_date: string } & SalesRow)[];
  /** The revenue of each day of the previous period, in their order. */
  previous_revenue_by_day: number[];
  /** The ten with the greatest revenue. */
  products: ({ product: string } & SalesRow)[];
  /** How many products were sold in all. */
  product_count: number;
  channels: ({ channel: string } & SalesRow)[];
  countries: ({ country: string } & SalesRow)[];
  /** One row for each day of the period. */
  visits_by_day: VisitsRow[];
  /** The ten with the most views. */
  pages: PageRow[];
  page_count: number;
}

export interface VisitsRow {
  date: string;
  /** Clicks. */
  views: number;
  /** Different customers who clicked on this day. */
  visitors: number;
  /** Those of them who ordered on this day. */
  buyers: number;
  /** buyers / visitors. */
  conversion: number | null;
}

export interface PageRow {
  page: string;
  views: number;
  /** Different customers who clicked there in the period. */
  visitors: number;
}
