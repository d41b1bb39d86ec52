/**
 * What the API answers, as the page and other clients read it. Types only: the page is compiled with them.
 *
 * Dates are `YYYY-MM-DD` in the business time zone, instants UTC in ISO 8601. Amounts are numbers of the currency with two
 * decimals, rounded half up from exact sums; quantities have up to four. A figure that does not exist (a mean of
 * nothing, a share of nobody) is `null`.
 */

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

export type ColumnType = "text" | "date" | "integer" | "number" | "money" | "quantity";

/** `GET /api/kpis`: what is in gold. */
export interface KpiList {
  kpis: KpiInfo[];
}

export interface KpiInfo {
  name: string;
  columns: { name: string; type: ColumnType }[];
  rows: number;
  updated_at: string;
  /** Addresses below the server's own. */
  csv: string;
  json: string;
  xlsx: string;
}

/** A row of `GET /api/kpis/<kpi>.json` and `/api/sales/<table>.json`, which are arrays of these. */
export type TableRow = Record<string, string | number | null>;

export const LAYER_NAMES = ["bronze", "silver", "quarantine", "gold"] as const;
export type LayerName = (typeof LAYER_NAMES)[number];

/** `GET /api/status`: the pipeline. */
export interface PipelineStatus {
  /** When this was looked at. */
  at: string;
  lake: string;
  layers: Record<LayerName, LayerStatus>;
  backlog: {
    /** Raw files that are not cleaned yet; `null` where that is not known yet. */
    bronze: number | null;
    /** Silver objects that are not in gold yet. */
    silver: number | null;
    /** Age of the oldest of them in seconds, 0 where there are none. */
    lag_seconds: number | null;
  };
  services: ServiceStatus[];
  /** By records, the most first. */
  rejects: RejectReason[];
  checks: CheckStatus[];
  /** True while a failed check keeps new figures out of gold. */
  is_blocked: boolean;
  /** What went into the warehouse, newest first; at most 50. */
  runs: IngestRun[];
  /** How the files of a dataset have changed, newest first. */
  schema_changes: { dataset: string; at: string; change: string }[];
}

export interface LayerStatus {
  /** `null` where that is not known yet. */
  objects: number | null;
  bytes: number | null;
  /** Bronze: raw records read; silver: clean rows; quarantine: rejected records; gold: rows of the KPIs. */
  rows: number | null;
  /** Rows a minute, over the last five minutes. */
  rows_per_minute: number | null;
  /** When the newest object was written. */
  newest_at: string | null;
}

export interface ServiceStatus {
  name: "generator" | "cleaner" | "aggregator" | "dashboard";
  /**
   * `working`: did something within the last minute; `idle`: nothing to do; `behind`: work has been waiting for more than a
   * minute; `unknown`: it left no trace yet.
   */
  state: "working" | "idle" | "behind" | "unknown";
  /** When it last wrote something. */
  last_work_at: string | null;
}

export interface RejectReason {
  dataset: string;
  reason: string;
  records: number;
  /** Of all records of the dataset, 0 to 1. */
  share: number;
  samples: RejectSample[];
}

/** Where a rejected record lies, and what was wrong in it; never what says who somebody is. */
export interface RejectSample {
  source_key: string;
  /** The place in the file, from 0. */
  index: number;
  /** In a file of lines, the record's as editors count them, from 1. */
  line?: number;
  field?: string;
  /** Letters as `a`, digits as `9` where the field is personal. */
  value?: string;
}

export interface CheckStatus {
  layer: string;
  model: string;
  check: string;
  severity: "warn" | "error";
  status: "pass" | "fail" | "error";
  expected: string;
  actual: string;
  run_at: string;
}

export interface IngestRun {
  at: string;
  objects: number;
  read: number;
  kept: number;
  rejected: number;
  duplicates: number;
}

/** `GET /api/objects?layer=silver|gold&prefix=&after=`: a folder of the lake, up to 500 entries. */
export interface ObjectListing {
  layer: "silver" | "gold";
  prefix: string;
  /** Names of folders, with a slash at the end. */
  folders: string[];
  objects: { key: string; size: number; modified: string; can_preview: boolean }[];
  /** Pass it as `after` for what follows; absent at the end. */
  next?: string;
}

/** `GET /api/objects/preview?layer=&key=`: the first 50 rows of a CSV or Parquet file, or the beginning of a text. */
export interface ObjectPreview {
  layer: "silver" | "gold";
  key: string;
  size: number;
  modified: string;
  metadata: Record<string, string>;
  columns?: string[];
  rows?: string[][];
  text?: string;
  /** There is more than what is shown. */
  is_cut: boolean;
}

/** `GET /api/settings`: what the page has to know before it asks anything else. */
export interface PageSettings {
  version: string;
  /** ISO 4217. */
  currency: string;
  business_timezone: string;
}

/**
 * `GET /api/events`, server-sent events. `hello` at the beginning, `gold` whenever gold has changed, `status` whenever
 * the pipeline's figures have.
 */
export interface LiveEvents {
  hello: { version: string; gold: string };
  gold: { gold: string; updated_at: string };
  status: { at: string };
}

/** Every answer with a status of 400 and above. */
export interface ApiError {
  error: {
    /** A fixed name, such as `invalid_parameter`, `not_found`, `unauthorized`, `query_timeout`, `warehouse_missing`. */
    code: string;
    /** What happened and what to do. */
    message: string;
    /** The parameter at fault. */
    parameter?: string;
  };
}
