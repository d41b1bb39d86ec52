import type { DatasetName } from "../datasets.ts";

/** The SQL types of the silver columns, in their order (contract: e-commerce, section 2). Amounts below 100 billion. */
export const SILVER_TYPES: Readonly<Record<DatasetName, Readonly<Record<string, string>>>> = {
  customers: {
    customer_id: "VARCHAR",
    email_h: "VARCHAR",
    first_initial: "VARCHAR",
    last_initial: "VARCHAR",
    country: "VARCHAR",
    signup_date: "DATE",
  },
  orders: {
    order_id: "VARCHAR",
    customer_id: "VARCHAR",
    product: "VARCHAR",
    quantity: "DECIMAL(18,4)",
    unit_price: "DECIMAL(18,4)",
    total_amount: "DECIMAL(18,4)",
    order_ts: "TIMESTAMPTZ",
    order_date: "DATE",
    channel: "VARCHAR",
  },
  clicks: {
    customer_id: "VARCHAR",
    page: "VARCHAR",
    ts: "TIMESTAMPTZ",
  },
};

/** What a compacted day's rows are sorted by, so that readers of a span of time or a customer skip the rest. */
export const SORTED_BY: Readonly<Record<DatasetName, string>> = {
  customers: "customer_id",
  orders: "order_ts",
  clicks: "ts",
};

/** SQL that writes a typed column as silver's CSV has it; an absent number is an empty text. */
export function silverText(column: string, type: string): string {
  if (type === "TIMESTAMPTZ") return `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (column === "quantity") return `coalesce(rtrim(rtrim(quantity::VARCHAR, '0'), '.'), '')`;
  return type === "VARCHAR" ? column : `coalesce(${column}::VARCHAR, '')`;
}
