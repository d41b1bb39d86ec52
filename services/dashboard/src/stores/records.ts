import { createHash } from "node:crypto";
import type { ObjectStat, ObjectStore } from "@ingot/common";
import { sqlText } from "@ingot/engine";
import { STORES_PIPELINE } from "./metrics.ts";
import { type JsonFile, SilverJson } from "./silver-json.ts";

/** What is asked of the stores' cleaned records (contract: retail stores, section 4). Days are `YYYY-MM-DD`. */
export type RecordsQuestion =
  | { table: "clients"; city: string }
  | { table: "products" | "stores" }
  | { table: "retail_data"; date: string; store?: string }
  | { table: "sales"; date: string; store?: string; hour?: number };

export interface RecordsFound {
  /** Another text whenever the answer is. */
  revision: string;
  /**
   * Makes the answer.
   *
   * @throws IngotError `query_timeout`; `object_changed` where silver has another version by now; of the storage
   */
  open(limits: { timeoutMs: number }): Promise<JsonFile>;
}

export interface StoreRecords {
  /** `undefined` where silver has no such table, or nothing of that day. @throws IngotError of the storage */
  records(question: RecordsQuestion): Promise<RecordsFound | undefined>;
  close(): Promise<void>;
}

/** Answers from silver's Parquet files. */
export function createStoreRecords(silver: ObjectStore): StoreRecords {
  const reader = new SilverJson(silver);
  return {
    records: async (question) => {
      const object = await silver.stat(keyOf(question));
      return (
        object && {
          revision: revisionOf(object, question),
          open: (limits) => reader.open(object, queryOf(question), limits),
        }
      );
    },
    close: () => reader.close(),
  };
}

/** The columns with the day of the tables that are cut into days. */
const DAYS = { retail_data: "date", sales: "sale_date" } as const;

function keyOf(question: RecordsQuestion): string {
  const { table } = question;
  const folder = `${STORES_PIPELINE}/${table}/`;
  if (table !== "retail_data" && table !== "sales") return `${folder}${table}.parquet`;
  return `${folder}${DAYS[table]}=${question.date}/${table}_${question.date}.parquet`;
}

function revisionOf({ etag }: ObjectStat, question: RecordsQuestion): string {
  return createHash("sha256")
    .update(JSON.stringify([etag, question]))
    .digest("base64url")
    .slice(0, 27);
}

/** The contract's fields. What else silver has is its own, and names of people stay out whatever lies there. */
const FIELDS: Readonly<Record<RecordsQuestion["table"], readonly string[]>> = {
  clients: ["id", "age", "gender", "loyalty_card", "city"],
  products: ["id", "name", "category", "price", "cost"],
  stores: ["id", "name", "location", "capacity", "opening_hour", "closing_hour"],
  retail_data: ["store_id", "store_name", "date", "hour", "visitors", "sales"],
  sales: [
    ...["sale_id", "nb_type_product", "product_id", "client_id", "store_id"],
    ...["quantity", "sale_amount", "sale_date", "sale_time"],
  ],
};

/** Makes the query for the file that it reads. */
function queryOf(question: RecordsQuestion): (source: string) => string {
  const fields = FIELDS[question.table].map(sqlText).join(", ");
  return (source) => `SELECT COLUMNS(lambda c: c IN (${fields})) FROM ${source}${conditionOf(question)}`;
}

function conditionOf(question: RecordsQuestion): string {
  const conditions: string[] = [];
  if (question.table === "clients") conditions.push(`lower(city) = lower(${sqlText(question.city.trim())})`);
  if ("store" in question && question.store !== undefined)
    conditions.push(`store_id::VARCHAR = ${sqlText(question.store)}`);
  if ("hour" in question && question.hour !== undefined)
    conditions.push(`TRY_CAST(split_part(sale_time::VARCHAR, ':', 1) AS INTEGER) = ${question.hour}`);
  return conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
}
