import type { SourceTable } from "@ingot/engine/batch";
import { ERROR, keyFault } from "./answers.ts";
import { amount, faultOf, given, isNegative } from "./written.ts";

export const products: SourceTable = {
  kind: "source",
  name: "products",
  title: "the products' list",
  files: /^products?(?![a-z]).*$/i,
  example: "products.json",
  fields: [
    { name: "id", aliases: ["product_id"], isRequired: true },
    { name: "name" },
    { name: "category" },
    { name: "price" },
    { name: "cost", isRequired: true },
    ERROR,
  ],
  merge: "all",
  columns: {
    id: "VARCHAR",
    name: "VARCHAR",
    category: "VARCHAR",
    price: "DECIMAL(18,2)",
    cost: "DECIMAL(18,2)",
  },
  unique: { columns: ["id"], keep: "last" },
  checks: new URL("../silver/products.yml", import.meta.url),
  rule:
    () =>
    ({ values: [idText, name, category, priceText, costText, error] }) => {
      const id = given(idText);
      if (id === undefined) return keyFault("id", error);
      const writtenPrice = given(priceText);
      const price = amount(writtenPrice);
      if (price === undefined || isNegative(price)) return faultOf("price", writtenPrice, price);
      const writtenCost = given(costText);
      const cost = amount(writtenCost);
      if (cost === undefined || isNegative(cost)) return faultOf("cost", writtenCost, cost);
      return [id, given(name) ?? null, given(category) ?? null, price, cost];
    },
};
