import type { SourceTable } from "@ingot/engine/batch";
import { writtenKey } from "../../values/written-key.ts";
import { count, given, PRICE_TYPE, price } from "./values.ts";

/**
 * The products that the merchant sells, with their prices.
 *
 * A price that cannot be read does not reject the row: a product that is missing would lower the revenue without anybody
 * noticing. The row stays, with the price as it stands in the file, and `joined` is where it stops the month, if the product
 * is sold at all.
 */
export const erp: SourceTable = {
  kind: "source",
  name: "clean_erp",
  title: "the ERP's products",
  files: /^(?!~\$|.*liaison).*(?<![a-z])erp(?![a-z])/i,
  example: "erp.xlsx",
  fields: [
    { name: "product_id", aliases: ["id_produit", "id_product", "produit_id"], isRequired: true },
    { name: "price", aliases: ["prix", "prix_de_vente", "prix_ttc"], isRequired: true },
    { name: "stock_quantity", aliases: ["quantite_stock", "stock"] },
    { name: "stock_status", aliases: ["statut_stock", "etat_stock"] },
    { name: "onsale_web", aliases: ["vente_web"] },
  ],
  // Whoever brings a month's workbook again means it to take the place of the first.
  merge: "newest",
  columns: {
    product_id: "VARCHAR",
    price: PRICE_TYPE,
    // As it stands in the file.
    price_text: "VARCHAR",
    stock_quantity: "BIGINT",
    stock_status: "VARCHAR",
    onsale_web: "BIGINT",
  },
  checks: new URL("../silver/clean_erp.yml", import.meta.url),
  rule:
    () =>
    ({ values: [id, priceText, stock, status, onSale] }) => {
      const key = writtenKey(id);
      if (key !== undefined)
        return [key, price(priceText), given(priceText), count(stock), given(status), count(onSale)];
      // Exports end with rows that have nothing but flags of 0.
      return given(priceText) === null && given(status) === null ? undefined : "missing_product_id";
    },
};
