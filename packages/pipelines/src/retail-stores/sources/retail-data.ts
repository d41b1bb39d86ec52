import type { SourceTable } from "@ingot/engine/batch";
import { ERROR, keyFault } from "./answers.ts";
import { dayFileOf } from "./day-file.ts";
import { dates, faultOf, given, isNegative, wholeNumber } from "./written.ts";

const LAST_HOUR = 23;

/** The visitors and the transactions of each store and hour. An hour without figures stays one: it was open, but not seen. */
export const retailData: SourceTable = {
  kind: "source",
  name: "retail_data",
  title: "the stores' hours",
  files: /^retail[-_ ]?(?:data|hours)(?![a-z]).*$/i,
  example: "retail_data_2024-01-01.json",
  fields: [
    { name: "store_id" },
    { name: "store_name" },
    { name: "date" },
    { name: "hour" },
    { name: "visitors" },
    { name: "sales" },
    ERROR,
  ],
  merge: "all",
  deliveryOf: dayFileOf,
  columns: {
    store_id: "VARCHAR",
    store_name: "VARCHAR",
    date: "DATE",
    hour: "INTEGER",
    visitors: "INTEGER",
    sales: "INTEGER",
  },
  unique: { columns: ["store_id", "date", "hour"], keep: "last" },
  day: "date",
  from: ["stores"],
  checks: new URL("../silver/retail_data.yml", import.meta.url),
  rule: async ({ valuesOf }) => {
    const stores = await valuesOf("stores", "id");
    const dateOf = dates();
    return ({ values: [store, name, dateText, hourText, visitorsText, salesText, error] }) => {
      const storeId = given(store);
      if (storeId === undefined) return keyFault("store_id", error);
      const writtenDate = given(dateText);
      const date = dateOf(writtenDate);
      if (date === undefined) return faultOf("date", writtenDate, date);
      const writtenHour = given(hourText);
      const hour = wholeNumber(writtenHour);
      if (hour === undefined || isNegative(hour)) return faultOf("hour", writtenHour, hour);
      if (Number(hour) > LAST_HOUR) return "invalid_hour";
      if (!stores.has(storeId)) return "unknown_store";
      const writtenVisitors = given(visitorsText);
      const visitors = wholeNumber(writtenVisitors);
      if (writtenVisitors !== undefined && (visitors === undefined || isNegative(visitors))) {
        return faultOf("visitors", writtenVisitors, visitors);
      }
      const writtenSales = given(salesText);
      const sales = wholeNumber(writtenSales);
      if (writtenSales !== undefined && (sales === undefined || isNegative(sales)))
        return faultOf("sales", writtenSales, sales);
      return [storeId, given(name) ?? null, date, hour, visitors ?? null, sales ?? null];
    };
  },
};
