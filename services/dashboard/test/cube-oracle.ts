import { compareKeys, formatCents, formatUnitsShort } from "@ingot/common";
import type { TestObject, TestOrder } from "../../../packages/warehouse/test/silver-rows.ts";
import type { Figure, SalesFilter, SalesReport } from "../src/api/contract.ts";

/** What a report should say, computed the simple way: from all rows, each time. */
export function naiveReport(
  objects: readonly TestObject[],
  filter: SalesFilter,
  timezone: string,
): Omit<SalesReport, "revision" | "filter"> {
  const { orders, countries, clicks } = rowsOf(objects, timezone);
  const countryOf = (customerId: string): string => countries.get(customerId) ?? "NA";
  const isIn = (names: readonly string[], name: string): boolean =>
    names.length === 0 || names.includes(name);
  const days = daysOf(filter);
  const previousDays = days.map((day) => addDays(day, -days.length));
  const of = (some: readonly string[]) => {
    const sales = orders.filter(
      ({ date, product, channel, customerId }) =>
        some.includes(date) &&
        isIn(filter.product, product) &&
        isIn(filter.channel, channel) &&
        isIn(filter.country, countryOf(customerId)),
    );
    const visits = clicks.filter(
      ({ day, customerId }) => some.includes(day) && isIn(filter.country, countryOf(customerId)),
    );
    const customers = different(sales.map(({ customerId }) => customerId));
    const visitors = different(visits.map(({ customerId }) => customerId));
    const buyers = [...visitors].filter((visitor) => customers.has(visitor));
    const total = sumOf(sales);
    return {
      sales,
      visits,
      revenue: cents(total.revenue),
      orders: total.orders,
      average_order_value: total.orders === 0 ? null : cents(total.revenue / BigInt(total.orders)),
      customers: customers.size,
      conversion: visitors.size === 0 ? null : buyers.length / visitors.size,
    };
  };
  const [now, before] = [of(days), of(previousDays)];
  const card = (name: "revenue" | "orders" | "average_order_value" | "customers" | "conversion"): Figure => ({
    value: now[name],
    previous: before[name],
    change: now[name] === null || !before[name] ? null : (now[name] - before[name]) / before[name],
  });
  const groups = <Key extends "product" | "channel">(key: Key) => ranked(now.sales, (sale) => sale[key], key);
  const onDay = (sales: TestOrder[], day: string) => row(sales.filter(({ date }) => date === day));
  const pages = [...Map.groupBy(now.visits, ({ page }) => page)]
    .map(([page, its]) => ({
      page,
      views: its.length,
      visitors: different(its.map(({ customerId }) => customerId)).size,
    }))
    .sort((a, b) => b.views - a.views || compareKeys(a.page, b.page));
  return {
    previous: { from: previousDays[0]!, to: previousDays.at(-1)! },
    cards: {
      revenue: card("revenue"),
      orders: card("orders"),
      average_order_value: card("average_order_value"),
      customers: card("customers"),
      conversion: card("conversion"),
    },
    sales_by_day: days.map((day) => ({ order_date: day, ...onDay(now.sales, day) })),
    previous_revenue_by_day: previousDays.map((day) => onDay(before.sales, day).revenue),
    products: groups("product").slice(0, 10),
    product_count: groups("product").length,
    channels: groups("channel"),
    countries: ranked(now.sales, ({ customerId }) => countryOf(customerId), "country"),
    visits_by_day: days.map((date) => {
      const visits = now.visits.filter(({ day }) => day === date);
      const visitors = different(visits.map(({ customerId }) => customerId));
      const buyers = [...visitors].filter((visitor) =>
        now.sales.some((sale) => sale.date === date && sale.customerId === visitor),
      ).length;
      const conversion = visitors.size === 0 ? null : buyers / visitors.size;
      return { date, views: visits.length, visitors: visitors.size, buyers, conversion };
    }),
    pages: pages.slice(0, 10),
    page_count: pages.length,
  };
}

/** The rows that count. */
function rowsOf(objects: readonly TestObject[], timezone: string) {
  const sorted = objects.toSorted((a, b) => compareKeys(a.bronzeKey, b.bronzeKey));
  const orders = new Map<string, TestOrder>();
  const countries = new Map<string, string>();
  const clicks: { customerId: string; page: string; day: string }[] = [];
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: timezone });
  for (const object of sorted) {
    if (object.dataset === "orders")
      for (const row of object.orders)
        if (row.ts >= (orders.get(row.orderId)?.ts ?? "")) orders.set(row.orderId, row);
    if (object.dataset === "customers")
      for (const { customerId, country } of object.customers) countries.set(customerId, country);
    if (object.dataset === "clicks")
      for (const { ts, ...row } of object.clicks) clicks.push({ ...row, day: format.format(new Date(ts)) });
  }
  return { orders: [...orders.values()], countries, clicks };
}

function ranked<Key extends string>(
  sales: readonly TestOrder[],
  nameOf: (sale: TestOrder) => string,
  key: Key,
) {
  return [...Map.groupBy(sales, nameOf)]
    .map(([name, its]) => ({ name, its, revenue: sumOf(its).revenue }))
    .sort((a, b) => (a.revenue < b.revenue ? 1 : a.revenue > b.revenue ? -1 : compareKeys(a.name, b.name)))
    .map(({ name, its }) => ({ [key]: name, ...row(its) }) as Record<Key, string> & ReturnType<typeof row>);
}

function row(sales: readonly TestOrder[]) {
  const { orders, quantity, revenue } = sumOf(sales);
  return { orders, quantity: Number(formatUnitsShort(quantity)), revenue: cents(revenue) };
}

function sumOf(sales: readonly TestOrder[]) {
  return {
    orders: sales.length,
    quantity: sales.reduce((sum, { quantity }) => sum + BigInt(quantity ?? 0), 0n),
    revenue: sales.reduce((sum, { total }) => sum + BigInt(total), 0n),
  };
}

const cents = (units: bigint): number => Number(formatCents(units));
const different = (ids: readonly string[]): Set<string> => new Set(ids.filter((id) => id !== ""));

export function addDays(date: string, days: number): string {
  const day = new Date(date);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

function daysOf({ from, to }: SalesFilter): string[] {
  const days = [from];
  while (days.at(-1)! < to) days.push(addDays(days.at(-1)!, 1));
  return days;
}
