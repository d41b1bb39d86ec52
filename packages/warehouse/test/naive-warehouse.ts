import { compareKeys } from "@ingot/common";
import type { TestCustomer, TestObject, TestOrder } from "./silver-rows.ts";

/** What every table should hold: all rows, as text, sorted. */
export interface Contents {
  orders: string[];
  customers: string[];
  clicks: string[];
  sales: string[];
  sales_by_day: string[];
  sales_by_product: string[];
  sales_by_channel: string[];
  sales_by_country: string[];
}

/** The contract, computed the simple way: put everything in order, let the later win, join, group. */
export function naiveContents(objects: readonly TestObject[]): Contents {
  const sorted = objects.toSorted((a, b) => compareKeys(a.bronzeKey, b.bronzeKey));
  const countries = new Map<string, string>();
  const orders = new Map<string, TestOrder>();
  for (const object of sorted) {
    if (object.dataset === "customers") for (const row of object.customers) keep(countries, row);
    if (object.dataset !== "orders") continue;
    for (const row of object.orders) {
      const known = orders.get(row.orderId);
      if (!known || row.ts >= known.ts) orders.set(row.orderId, row);
    }
  }
  const sales = [...orders.values()].map((row) => ({
    order_date: row.date,
    product: row.product,
    channel: row.channel,
    country: countries.get(row.customerId) ?? "NA",
    quantity: row.quantity ?? 0,
    revenue: row.total,
  }));
  const grouped = (...columns: ("order_date" | "product" | "channel" | "country")[]): string[] => {
    const cells = Map.groupBy(sales, (sale) => columns.map((column) => sale[column]).join("|"));
    const sum = (of: number[]) => of.reduce((total, value) => total + value, 0);
    return [...cells]
      .map(([key, all]) => {
        const quantity = sum(all.map((sale) => sale.quantity));
        return `${key}|${all.length}|${quantity}|${sum(all.map((sale) => sale.revenue))}`;
      })
      .sort();
  };
  return {
    orders: [...orders.values()].map((row) => Object.values(row).join("|")).sort(),
    clicks: sorted
      .flatMap((object) => (object.dataset === "clicks" ? object.clicks : []))
      .map(({ customerId, page, ts }) => `${customerId}|${page}|${ts}`)
      .sort(),
    customers: [...countries].map(([id, country]) => `${id}|${country}`).sort(),
    sales: grouped("order_date", "product", "channel", "country"),
    sales_by_day: grouped("order_date"),
    sales_by_product: grouped("product"),
    sales_by_channel: grouped("channel"),
    sales_by_country: grouped("country"),
  };
}

function keep(countries: Map<string, string>, { customerId, country }: TestCustomer): void {
  countries.set(customerId, country);
}
