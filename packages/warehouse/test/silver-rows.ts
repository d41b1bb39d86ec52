import { createHash } from "node:crypto";
import { formatUnits, formatUnitsShort } from "@ingot/common";
import type { SilverDataset, SilverObject } from "../src/index.ts";

export interface TestOrder {
  orderId: string;
  customerId: string;
  product: string;
  quantity: number | null;
  unitPrice: number | null;
  total: number;
  ts: string;
  date: string;
  channel: string;
}

export interface TestCustomer {
  customerId: string;
  country: string;
}

export interface TestClick {
  customerId: string;
  page: string;
  ts: string;
}

export type TestObject =
  | { bronzeKey: string; dataset: "orders"; orders: TestOrder[] }
  | { bronzeKey: string; dataset: "customers"; customers: TestCustomer[] }
  | { bronzeKey: string; dataset: "clicks"; clicks: TestClick[] };

/** An order with everything that a test does not care about filled in. Amounts are units of 1/10000. */
export function order(orderId: string, given: Partial<TestOrder> = {}): TestOrder {
  const ts = given.ts ?? "2024-03-01T10:00:00.000000Z";
  return {
    orderId,
    customerId: "C1",
    product: "lamp",
    quantity: 10_000,
    unitPrice: 250_000,
    total: 250_000,
    ts,
    date: ts.slice(0, 10),
    channel: "web",
    ...given,
  };
}

export const orders = (bronzeKey: string, ...rows: TestOrder[]): TestObject => ({
  bronzeKey,
  dataset: "orders",
  orders: rows,
});

export const customers = (bronzeKey: string, ...rows: TestCustomer[]): TestObject => ({
  bronzeKey,
  dataset: "customers",
  customers: rows,
});

export const clicks = (bronzeKey: string, ...rows: Partial<TestClick>[]): TestObject => ({
  bronzeKey,
  dataset: "clicks",
  clicks: rows.map((row) => ({ customerId: "C1", page: "/home", ts: "2024-03-01T10:00:00.000000Z", ...row })),
});

/** A test object as the aggregator would hand it to the warehouse. */
export function silver(object: TestObject): SilverObject {
  return silverOf(object.bronzeKey, object.dataset, silverRows(object));
}

export function silverOf(bronzeKey: string, dataset: SilverDataset, rows: readonly string[][]): SilverObject {
  const sha256 = createHash("sha256").update(JSON.stringify(rows)).digest("hex");
  return {
    key: `clean/${bronzeKey}`,
    size: JSON.stringify(rows).length,
    bronzeKey,
    dataset,
    open: async () => ({
      etag: `etag of ${bronzeKey}`,
      counts: {
        read: rows.length + 3,
        kept: rows.length,
        rejected: 2,
        duplicates: 1,
        reasons: { invalid_ts: 2 },
      },
      rows: inBatches(rows),
      sha256: () => sha256,
    }),
  };
}

/** Batches of two, so that every test crosses their borders. */
async function* inBatches(rows: readonly string[][]): AsyncIterable<string[][]> {
  for (let start = 0; start < rows.length; start += 2) yield rows.slice(start, start + 2);
}

/** Rows as silver has them. */
export function silverRows(object: TestObject): string[][] {
  if (object.dataset === "clicks")
    return object.clicks.map(({ customerId, page, ts }) => [customerId, page, ts]);
  if (object.dataset === "customers") {
    return object.customers.map(({ customerId, country }) => [
      customerId,
      "",
      "A",
      "B",
      country,
      "2024-01-01",
    ]);
  }
  return object.orders.map((row) => [
    row.orderId,
    row.customerId,
    row.product,
    row.quantity === null ? "" : formatUnitsShort(row.quantity),
    row.unitPrice === null ? "" : formatUnits(row.unitPrice),
    formatUnits(row.total),
    row.ts,
    row.date,
    row.channel,
  ]);
}
