import type { SourceTable } from "@ingot/engine/batch";
import { PRODUCTS_FILES } from "./file-names.ts";
import { PRODUCT_ID_NAMES } from "./key-names.ts";
import { AMOUNT_TYPE, amount, productKey, wholeNumber, writtenText } from "./values.ts";

/**
 * What the company sells, with its price.
 *
 * A product without a price that can be read is rejected, and so are its sales, as those of an unknown product: both lie
 * in quarantine and are counted in the run, where a price of nothing would make the revenue smaller without a word.
 */
export const products: SourceTable = {
  kind: "source",
  name: "products",
  title: "the products' list",
  files: PRODUCTS_FILES,
  example: "produits.csv",
  fields: [
    {
      name: "name",
      aliases: [
        "Nom",
        "Nom produit",
        "Nom du produit",
        "Product name",
        "Désignation",
        "Libellé",
        "Produit",
        "Product",
      ],
    },
    {
      name: "product_id",
      aliases: [...PRODUCT_ID_NAMES, "ID"],
      isRequired: true,
    },
    {
      name: "price",
      aliases: [
        "Prix",
        "Prix unitaire",
        "Unit price",
        "Prix de vente",
        "Prix EUR",
        "Price EUR",
        "Prix en euros",
      ],
      isRequired: true,
    },
    { name: "stock", aliases: ["Quantité en stock", "In stock", "Stock quantity"] },
  ],
  merge: "all",
  columns: { product_id: "VARCHAR", name: "VARCHAR", price: AMOUNT_TYPE, stock: "BIGINT" },
  unique: { columns: ["product_id"], keep: "last" },
  checks: new URL("../silver/products.yml", import.meta.url),
  rule:
    () =>
    ({ values: [nameText, id, priceText, stockText] }) => {
      const product = productKey(id);
      const name = writtenText(nameText);
      if (product === undefined) {
        return name === undefined && writtenText(priceText) === undefined ? undefined : "missing_product_id";
      }
      if (writtenText(priceText) === undefined) return "missing_price";
      const price = amount(priceText);
      if (price === undefined) return "invalid_price";
      if (price.startsWith("-")) return "negative_price";
      return [product, name ?? product, price, wholeNumber(stockText) ?? null];
    },
};
