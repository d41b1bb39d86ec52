import type {
  FilterChoices,
  KpiList,
  ObjectListing,
  ObjectPreview,
  PageSettings,
  PipelineStatus,
  SalesReport,
  TableRow,
} from "../../api/contract.ts";

export const SETTINGS_EXAMPLE: PageSettings = {
  version: "0.1.0",
  currency: "EUR",
  business_timezone: "Europe/Paris",
};

export const CHOICES_EXAMPLE: FilterChoices = {
  days: { first: "2024-01-01", last: "2025-01-31" },
  today: "2025-01-31",
  channels: [
    { name: "web", revenue: 80512.4 },
    { name: "store", revenue: 61000 },
  ],
  countries: [{ name: "FR", revenue: 120044.1 }],
  products: [{ name: "Espresso cup", revenue: 9120.5 }],
};

export const REPORT_EXAMPLE: SalesReport = {
  filter: { from: "2025-01-30", to: "2025-01-31", channel: ["web"], country: [], product: [] },
  previous: { from: "2025-01-28", to: "2025-01-29" },
  revision: "4b1d.1207",
  cards: {
    revenue: { value: 1530.5, previous: 1400, change: 0.0932 },
    orders: { value: 61, previous: 70, change: -0.1286 },
    average_order_value: { value: 25.09, previous: 20, change: 0.2545 },
    customers: { value: 48, previous: 51, change: -0.0588 },
    conversion: { value: 0.0312, previous: null, change: null },
  },
  sales_by_day: [
    { order_date: "2025-01-30", orders: 30, quantity: 44, revenue: 700.5 },
    { order_date: "2025-01-31", orders: 31, quantity: 40.5, revenue: 830 },
  ],
  previous_revenue_by_day: [650, 750],
  products: [{ product: "Espresso cup", orders: 12, quantity: 30, revenue: 240 }],
  product_count: 37,
  channels: [{ channel: "web", orders: 61, quantity: 84.5, revenue: 1530.5 }],
  countries: [{ country: "FR", orders: 40, quantity: 60, revenue: 1012.1 }],
  visits_by_day: [
    { date: "2025-01-30", views: 2100, visitors: 812, buyers: 25, conversion: 0.0308 },
    { date: "2025-01-31", views: 1980, visitors: 760, buyers: 24, conversion: 0.0316 },
  ],
  pages: [{ page: "/products/espresso-cup", views: 310, visitors: 205 }],
  page_count: 118,
};

/** The beginning of a table that is filtered. */
export const SALES_ROWS_EXAMPLE: { csv: string; json: TableRow[] } = {
  csv: "product,orders,quantity,revenue\nEspresso cup,12,30,240.00\n",
  json: [{ product: "Espresso cup", orders: 12, quantity: 30, revenue: 240 }],
};

/** The beginning of a KPI. */
export const KPI_ROWS_EXAMPLE: { csv: string; json: TableRow[] } = {
  csv: "order_date,orders,quantity,revenue\n2025-01-30,30,44,700.50\n2025-01-31,31,40.5,830.00\n",
  json: [
    { order_date: "2025-01-30", orders: 30, quantity: 44, revenue: 700.5 },
    { order_date: "2025-01-31", orders: 31, quantity: 40.5, revenue: 830 },
  ],
};

export const KPIS_EXAMPLE: KpiList = {
  kpis: [
    {
      name: "sales_by_day",
      columns: [
        { name: "order_date", type: "date" },
        { name: "orders", type: "integer" },
        { name: "quantity", type: "quantity" },
        { name: "revenue", type: "money" },
      ],
      rows: 396,
      updated_at: "2025-01-31T22:59:01.000Z",
      csv: "/api/kpis/sales_by_day.csv",
      json: "/api/kpis/sales_by_day.json",
      xlsx: "/api/kpis/sales_by_day.xlsx",
    },
  ],
};

const layer = (objects: number, rows: number) => ({
  objects,
  bytes: objects * 41_200,
  rows,
  rows_per_minute: rows / 500,
  newest_at: "2025-01-31T22:59:00.000Z",
});

export const STATUS_EXAMPLE: PipelineStatus = {
  at: "2025-01-31T22:59:30.000Z",
  lake: "s3://",
  layers: {
    bronze: layer(1204, 251_000),
    silver: layer(1204, 248_400),
    quarantine: layer(87, 2600),
    gold: {
      objects: 12,
      bytes: 90_000,
      rows: 1500,
      rows_per_minute: null,
      newest_at: "2025-01-31T22:59:01.000Z",
    },
  },
  backlog: { bronze: 0, silver: 0, lag_seconds: 0 },
  services: [
    { name: "cleaner", state: "working", last_work_at: "2025-01-31T22:59:00.000Z" },
    { name: "aggregator", state: "working", last_work_at: "2025-01-31T22:59:01.000Z" },
  ],
  rejects: [
    {
      dataset: "orders",
      reason: "bad_quantity",
      records: 120,
      share: 0.0008,
      samples: [{ source_key: "2025/01/orders_1.json", index: 17, field: "quantity", value: "-3" }],
    },
  ],
  checks: [
    {
      layer: "gold",
      model: "sales_by_day",
      check: "not_null(order_date)",
      severity: "error",
      status: "pass",
      expected: "0 rows",
      actual: "0 rows",
      run_at: "2025-01-31T22:59:01.000Z",
    },
  ],
  is_blocked: false,
  runs: [{ at: "2025-01-31T22:59:01.000Z", objects: 3, read: 750, kept: 741, rejected: 6, duplicates: 3 }],
  schema_changes: [{ dataset: "orders", at: "2025-01-30T08:00:00.000Z", change: "field added: coupon" }],
  batch: [
    {
      name: "retail-stores",
      runs: [
        {
          id: "20250131T115000Z-1f3a",
          status: "published",
          trigger: "schedule",
          due: "2025-01-31T11:50:00.000Z",
          started_at: "2025-01-31T11:50:00.120Z",
          finished_at: "2025-01-31T11:50:02.870Z",
          attempt: 1,
          kept: 60_412,
          rejected: 3,
          duplicates: 12,
        },
      ],
      steps: [
        {
          name: "sales",
          status: "done",
          rows: 60_172,
          days: 1,
          took_ms: 1310,
          records: { read: 60_187, kept: 60_172, rejected: 3, duplicates: 12, reasons: { bad_quantity: 3 } },
          checks: 4,
          failed_checks: [],
        },
        { name: "publish", status: "done", took_ms: 40, checks: 0, failed_checks: [] },
      ],
      files: [
        {
          name: "store_daily_metrics.csv",
          key: "retail-stores/latest/store_daily_metrics.csv",
          size: 1_204_112,
          rows: 3650,
        },
      ],
      steps_at: "2025-01-31T11:50:00.120Z",
      published_at: "2025-01-31T11:50:02.800Z",
    },
  ],
};

export const LISTING_EXAMPLE: ObjectListing = {
  layer: "gold",
  prefix: "latest/",
  folders: [],
  objects: [
    { key: "latest/sales_by_day.csv", size: 18_402, modified: "2025-01-31T22:59:01.000Z", can_preview: true },
  ],
};

export const PREVIEW_EXAMPLE: ObjectPreview = {
  layer: "gold",
  key: "latest/sales_by_day.csv",
  size: 18_402,
  modified: "2025-01-31T22:59:01.000Z",
  metadata: {},
  columns: ["order_date", "orders", "quantity", "revenue"],
  rows: [["2025-01-30", "30", "44", "700.50"]],
  is_cut: true,
};
