import type { ModelTable } from "@ingot/engine/batch";
import { QUANTITY } from "./deliverables/figures-file.ts";

type OfModel = Pick<ModelTable, "from" | "measures" | "history">;

const model = (folder: "silver" | "gold", name: string, of: OfModel): ModelTable => ({
  kind: "model",
  name,
  sql: new URL(`./${folder}/${name}.sql`, import.meta.url),
  checks: new URL(`./${folder}/${name}.yml`, import.meta.url),
  ...of,
});

/** Sales with what they are made of: product, city, price, revenue. */
export const soldLines = model("silver", "sold_lines", { from: ["shops", "products", "sales"] });

export const totalRevenue = model("gold", "total_revenue", {
  from: ["sold_lines"],
  measures: {
    quantity: `select ${QUANTITY} from total_revenue`,
    revenue: "select revenue from total_revenue",
  },
});

export const salesByProduct = model("gold", "sales_by_product", { from: ["sold_lines", "total_revenue"] });
export const salesByCity = model("gold", "sales_by_city", { from: ["sold_lines", "total_revenue"] });
export const salesByDay = model("gold", "sales_by_day", { from: ["sold_lines", "total_revenue"] });

/** What each run found. */
export const analysisResults = model("gold", "analysis_results", {
  from: ["total_revenue", "sales_by_product", "sales_by_city"],
  history: {
    analysis: "VARCHAR",
    product: "VARCHAR",
    city: "VARCHAR",
    value: "DECIMAL(38, 2)",
    run_id: "VARCHAR",
    run_at: "VARCHAR",
  },
});
