import { csvFile, type Pipeline } from "@ingot/engine/batch";
import { figuresFile } from "./deliverables/figures-file.ts";
import { salesDatabase } from "./deliverables/sales-database.ts";
import {
  analysisResults,
  salesByCity,
  salesByDay,
  salesByProduct,
  soldLines,
  totalRevenue,
} from "./models.ts";
import { products } from "./sources/products.ts";
import { sales } from "./sources/sales.ts";
import { shops } from "./sources/shops.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A small company's shops, products and sales, as its till exports them (contract: SME sales). */
const smeSales: Pipeline = {
  name: "sme-sales",
  summary:
    "A small company's shops, products and sales: revenue by product, city and day, and one SQLite file",
  tables: [
    shops,
    products,
    sales,
    soldLines,
    totalRevenue,
    salesByProduct,
    salesByCity,
    salesByDay,
    analysisResults,
  ],
  deliverables: [
    figuresFile("total_revenue"),
    figuresFile("sales_by_product"),
    figuresFile("sales_by_city"),
    figuresFile("sales_by_day"),
    csvFile("analysis_results"),
    salesDatabase,
  ],
  schedule: { onArrival: true, retries: { most: 3, delayMs: 30 * SECOND }, timeoutMs: 15 * MINUTE },
};

export default smeSales;
