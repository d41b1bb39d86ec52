import type { SourceTable } from "@ingot/engine/batch";
import { writtenKey } from "../../values/written-key.ts";
import { count, given, htmlText } from "./values.ts";

/**
 * What the shop's database has of its products: each one twice, as a product and as the picture attached to it.
 *
 * Rows without a key are left out (contract: wine merchant). Those that have something to say, such as a title, are found
 * in quarantine, since somebody forgot their key; those that have nothing but flags of 0 are dropped and counted.
 */
export const web: SourceTable = {
  kind: "source",
  name: "clean_web",
  title: "the web shop's products",
  files: /^(?!~\$|.*liaison).*(?<![a-z])(?:web(?:shop)?|boutique|woocommerce)(?![a-z])/i,
  example: "web.xlsx",
  fields: [
    { name: "sku", aliases: ["id_web"], isRequired: true },
    { name: "total_sales", aliases: ["ventes_totales", "total_ventes"], isRequired: true },
    { name: "post_title", aliases: ["title", "titre"] },
    { name: "post_type", aliases: ["type"] },
    { name: "post_status", aliases: ["statut"] },
  ],
  merge: "newest",
  columns: {
    sku: "VARCHAR",
    total_sales: "BIGINT",
    // As it stands in the file.
    total_sales_text: "VARCHAR",
    title: "VARCHAR",
    post_type: "VARCHAR",
    post_status: "VARCHAR",
  },
  checks: new URL("../silver/clean_web.yml", import.meta.url),
  rule:
    () =>
    ({ values: [sku, sales, title, type, status] }) => {
      const key = writtenKey(sku);
      if (key !== undefined)
        return [key, count(sales), given(sales), htmlText(title), given(type), given(status)];
      const sold = count(sales);
      const isEmpty = given(title) === null && given(type) === null && (sold === null || sold === "0");
      return isEmpty ? undefined : "missing_sku";
    },
};
