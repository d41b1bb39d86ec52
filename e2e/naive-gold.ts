import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { isValid, parse } from "date-fns";
import Papa from "papaparse";

/*
 * Gold computed from bronze the naive way: everything in memory, one pass, other libraries, no code of the product.
 * Written from the contract to be held against what the services produce. It reads what the generator writes
 * and well-formed files of other shops; damaged files are the readers' own tests.
 */

interface Order {
  id: string;
  customer: string;
  product: string;
  quantity: bigint;
  total: bigint;
  ts: number;
  channel: string;
}

type Raw = Record<string, unknown>;

const FORMATS = [
  "yyyy-MM-dd'T'HH:mm:ss",
  "yyyy-MM-dd'T'HH:mm:ss.SSS",
  "yyyy-MM-dd HH:mm:ss",
  "yyyy-MM-dd",
  "yyyy/MM/dd HH:mm:ss",
  "yyyy/MM/dd HH:mm",
  "yyyy/MM/dd",
  "dd/MM/yyyy HH:mm:ss",
  "dd/MM/yyyy HH:mm",
  "dd/MM/yyyy",
  "dd-MM-yyyy HH:mm:ss",
  "dd-MM-yyyy HH:mm",
  "dd-MM-yyyy",
];

/** Milliseconds since 1970, or undefined. Business time zone UTC. */
function instant(value: unknown): number | undefined {
  if (typeof value === "number") return value < 1e11 ? value * 1000 : value;
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (/^\d{9,}$/.test(text)) return instant(Number(text));
  for (const format of FORMATS) {
    for (const candidate of [text, `${text}Z`]) {
      const date = parse(candidate, `${format}X`, new Date(0));
      if (isValid(date)) return date.getTime();
    }
  }
  return undefined;
}

const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || String(value).trim() === "";

/** A number of 1/10000, for numbers of a size that a shop has. */
function units(value: unknown): bigint | undefined {
  if (isBlank(value) || typeof value === "boolean" || typeof value === "object") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? BigInt(Math.round(number * 10_000)) : undefined;
}

const atLeastZero = (value: bigint | undefined): bigint | undefined =>
  value !== undefined && value < 0n ? 0n : value;

function readOrder(raw: Raw): Order | undefined {
  const ts = instant(raw.order_ts);
  if (isBlank(raw.order_id) || ts === undefined) return undefined;
  const quantity = atLeastZero(units(raw.quantity));
  const price = atLeastZero(units(raw.unit_price));
  let total = units(raw.total_amount);
  if (total === undefined || total < 0n) {
    if (quantity === undefined || price === undefined) return undefined;
    total = (quantity * price + 5_000n) / 10_000n;
  }
  return {
    id: String(raw.order_id).trim(),
    customer: isBlank(raw.customer_id) ? "" : String(raw.customer_id).trim(),
    product: String(raw.product ?? ""),
    quantity: quantity ?? 0n,
    total,
    ts,
    channel: isBlank(raw.channel) ? "unknown" : String(raw.channel).trim(),
  };
}

function rowsOf(file: string): Raw[] {
  const content = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  if (content.trimStart().startsWith("[")) return JSON.parse(content);
  if (file.endsWith(".csv")) return Papa.parse<Raw>(content, { header: true, skipEmptyLines: true }).data;
  return content.split("\n").flatMap((line) => {
    try {
      return line.trim() === "" ? [] : [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

const cents = (value: bigint): string => {
  const rounded = (value + 50n) / 100n;
  return `${rounded / 100n}.${String(rounded % 100n).padStart(2, "0")}`;
};

const plain = (value: bigint): string => String(Number(value) / 10_000);

const csv = (header: string, rows: (string | number)[][]): string =>
  `${[header, ...rows.map((row) => Papa.unparse([row.map(String)]))].join("\n")}\n`;

const byText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The five KPI files' texts by KPI name. */
export function naiveGold(bronze: string): Record<string, string> {
  const keys = readdirSync(bronze, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => path.relative(bronze, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .sort(byText);

  const countries = new Map<string, string>();
  const orders = new Map<string, Order>();
  for (const key of keys) {
    const base = path.basename(key);
    if (base.startsWith("customers")) {
      for (const row of rowsOf(path.join(bronze, key))) {
        if (isBlank(row.customer_id) || instant(row.signup_date) === undefined) continue;
        countries.set(
          String(row.customer_id).trim(),
          isBlank(row.country) ? "NA" : String(row.country).trim(),
        );
      }
    } else if (base.startsWith("orders")) {
      for (const row of rowsOf(path.join(bronze, key))) {
        const order = readOrder(row);
        if (order && order.ts >= (orders.get(order.id)?.ts ?? Number.NEGATIVE_INFINITY))
          orders.set(order.id, order);
      }
    }
  }
  return kpis([...orders.values()], countries);
}

interface Sum {
  name: string;
  orders: number;
  quantity: bigint;
  revenue: bigint;
}

function group(orders: readonly Order[], nameOf: (order: Order) => string): Sum[] {
  const sums = new Map<string, Sum>();
  for (const order of orders) {
    const name = nameOf(order);
    const sum = sums.get(name) ?? { name, orders: 0, quantity: 0n, revenue: 0n };
    sum.orders += 1;
    sum.quantity += order.quantity;
    sum.revenue += order.total;
    sums.set(name, sum);
  }
  return [...sums.values()];
}

const byRevenue = (a: Sum, b: Sum): number =>
  a.revenue === b.revenue ? byText(a.name, b.name) : a.revenue > b.revenue ? -1 : 1;

function kpis(orders: readonly Order[], countries: ReadonlyMap<string, string>): Record<string, string> {
  const days = group(orders, ({ ts }) => new Date(ts).toISOString().slice(0, 10)).sort((a, b) =>
    byText(a.name, b.name),
  );
  const products = group(orders, ({ product }) => product).sort(byRevenue);
  const channels = group(orders, ({ channel }) => channel).sort(byRevenue);
  const places = group(orders, ({ customer }) => countries.get(customer) ?? "NA").sort(byRevenue);
  const count = BigInt(orders.length);
  const revenue = orders.reduce((sum, { total }) => sum + total, 0n);
  const line = (sum: Sum): string[] => [sum.name, String(sum.orders), cents(sum.revenue)];
  return {
    sales_by_day: csv("order_date,orders,revenue", days.map(line)),
    top_products: csv(
      "rank,product,orders,quantity,revenue",
      products
        .slice(0, 10)
        .map((sum, index) => [index + 1, sum.name, sum.orders, plain(sum.quantity), cents(sum.revenue)]),
    ),
    // Half up to cents: (revenue / orders + 50) / 100, kept exact by multiplying first.
    aov: csv(
      "orders,revenue,aov",
      count === 0n
        ? []
        : [[String(count), cents(revenue), cents(((2n * revenue + 100n * count) / (200n * count)) * 100n)]],
    ),
    revenue_by_channel: csv("channel,orders,revenue", channels.map(line)),
    revenue_by_country: csv("country,orders,revenue", places.map(line)),
  };
}
