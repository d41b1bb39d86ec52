import { csvFile, modelsIn, type Pipeline, parquetFile } from "@ingot/engine/batch";
import { clients } from "./sources/clients.ts";
import { products } from "./sources/products.ts";
import { retailData } from "./sources/retail-data.ts";
import { sales } from "./sources/sales.ts";
import { stores } from "./sources/stores.ts";

const model = modelsIn(import.meta.url);
const MINUTE = 60_000;

/** A chain's stores, their visitors by the hour and their sales (contract: retail stores). */
const retailStores: Pipeline = {
  name: "retail-stores",
  summary: "visits and sales of a chain's stores, as daily metrics of each",
  periods: { kind: "day" },
  tables: [
    clients,
    products,
    stores,
    retailData,
    sales,
    model("silver/store_days", { from: ["products", "retail_data", "sales"], day: "date" }),
    model("gold/store_daily_metrics", {
      from: ["store_days"],
      measures: {
        revenue: "select sum(total_revenue) from store_daily_metrics",
        transactions: "select sum(total_transactions) from store_daily_metrics",
        quantity: "select sum(total_quantity) from store_daily_metrics",
        visitors: "select round(sum(total_visitors)::decimal(38, 6), 2) from store_daily_metrics",
      },
    }),
  ],
  deliverables: [
    csvFile("store_daily_metrics"),
    parquetFile("store_daily_metrics"),
    csvFile("stores", {
      sql: "select id as store_id, name, location, capacity, opening_hour, closing_hour from stores order by id",
    }),
    csvFile("products", {
      sql: "select id as product_id, name, category, price, cost from products order by id",
    }),
  ],
  schedule: {
    cron: "50 11 * * *",
    timezone: "UTC",
    retries: { most: 1, delayMs: 5 * MINUTE },
    timeoutMs: 60 * MINUTE,
  },
};

export default retailStores;
