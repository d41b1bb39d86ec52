import { csvFile, type Deliverable } from "@ingot/engine/batch";
import { amount } from "../amount.ts";

/** The products of a class, the dearest first: the columns of the merchant's own lists, and the title. */
export function wines(name: string, wineClass: "premium" | "ordinaire"): Deliverable {
  const sql = `
    select product_id, sku, title, ${amount("price")} as price, total_sales, ${amount("revenue")} as revenue,
      printf('%.6f', zscore) as zscore, class
    from premium
    where class = '${wineClass}'
    order by premium.price desc, product_id`;
  return csvFile("premium", { name, sql });
}
