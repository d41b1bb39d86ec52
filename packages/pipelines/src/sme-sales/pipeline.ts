import { csvFile, modelsIn, type Pipeline } from "@ingot/engine/batch";
import { figuresFile, QUANTITY } from "./deliverables/figures-file.ts";
import { salesDatabase } from "./deliverables/sales-database.ts";
import { products } from "./sources/products.ts";
import { sales } from "./sources/sales.ts";
import { shops } from "./sources/shops.ts";

const model = modelsIn(import.meta.url);
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
    model("silver/sold_lines", { from: ["shops", "products", "sales"] }),
    model("gold/total_revenue", {
      from: ["sold_lines"],
      measures: {
        quantity: `select ${QUANTITY} from total_revenue`,
        revenue: "select revenue from total_revenue",
      },
    }),
    model("gold/sales_by_product", { from: ["sold_lines", "total_revenue"] }),
    model("gold/sales_by_city", { from: ["sold_lines", "total_revenue"] }),
    model("gold/sales_by_day", { from: ["sold_lines", "total_revenue"] }),
    model("gold/analysis_results", {
      from: ["total_revenue", "sales_by_product", "sales_by_city"],
      history: {
        analysis: "VARCHAR",
        product: "VARCHAR",
        city: "VARCHAR",
        value: "DECIMAL(38, 2)",
        run_id: "VARCHAR",
        run_at: "VARCHAR",
      },
    }),
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
