import type { SourceTable } from "@ingot/engine/batch";
import { ERROR, keyFault } from "./answers.ts";
import { dayFileOf } from "./day-file.ts";
import { amount, dates, faultOf, given, isNegative, timeOfDay, wholeNumber } from "./written.ts";

/**
 * The lines of baskets. The product may be unknown (6.2 of the contract counts such lines, without a cost), the store may
 * not; client and time may be missing, but what is there has to be possible.
 */
export const sales: SourceTable = {
  kind: "source",
  name: "sales",
  title: "the sale lines",
  files: /^sales?(?![a-z]).*$/i,
  example: "sales_2024-01-01.json",
  fields: [
    { name: "sale_id" },
    { name: "nb_type_product" },
    { name: "product_id" },
    { name: "client_id" },
    { name: "store_id" },
    { name: "quantity" },
    { name: "sale_amount" },
    { name: "sale_date" },
    { name: "sale_time" },
    ERROR,
  ],
  merge: "all",
  deliveryOf: dayFileOf,
  isOptional: true,
  columns: {
    sale_id: "VARCHAR",
    nb_type_product: "INTEGER",
    product_id: "VARCHAR",
    client_id: "VARCHAR",
    store_id: "VARCHAR",
    quantity: "INTEGER",
    sale_amount: "DECIMAL(18,2)",
    sale_date: "DATE",
    sale_time: "TIME",
  },
  unique: { columns: ["sale_id", "product_id"], keep: "last" },
  day: "sale_date",
  from: ["stores"],
  rule: async ({ valuesOf }) => {
    const stores = await valuesOf("stores", "id");
    const dateOf = dates();
    return ({
      values: [sale, types, product, client, store, quantityText, amountText, day, time, error],
    }) => {
      const saleId = given(sale);
      if (saleId === undefined) return keyFault("sale_id", error);
      const productId = given(product);
      if (productId === undefined) return "missing_product_id";
      const storeId = given(store);
      if (storeId === undefined) return "missing_store_id";
      const writtenDay = given(day);
      const saleDate = dateOf(writtenDay);
      if (saleDate === undefined) return faultOf("sale_date", writtenDay, saleDate);
      const writtenQuantity = given(quantityText);
      const quantity = wholeNumber(writtenQuantity);
      if (quantity === undefined || isNegative(quantity))
        return faultOf("quantity", writtenQuantity, quantity);
      const writtenAmount = given(amountText);
      const saleAmount = amount(writtenAmount);
      if (saleAmount === undefined || isNegative(saleAmount))
        return faultOf("sale_amount", writtenAmount, saleAmount);
      const writtenTypes = given(types);
      const typeCount = wholeNumber(writtenTypes);
      if (writtenTypes !== undefined && (typeCount === undefined || isNegative(typeCount))) {
        return faultOf("nb_type_product", writtenTypes, typeCount);
      }
      const writtenTime = given(time);
      const saleTime = timeOfDay(writtenTime);
      if (writtenTime !== undefined && saleTime === undefined) return "invalid_sale_time";
      if (!stores.has(storeId)) return "unknown_store";
      const clientId = given(client) ?? null;
      return [
        saleId,
        typeCount ?? null,
        productId,
        clientId,
        storeId,
        quantity,
        saleAmount,
        saleDate,
        saleTime ?? null,
      ];
    };
  },
};
