import { PRODUCTS } from "./chain.ts";

/*
 * The daily metrics once more, by loops over everything (contract: retail stores, section 6).
 */

export interface Hour {
  store_id: string;
  date: string;
  hour: number;
  visitors: number | null;
  sales: number | null;
}

export interface Line {
  store_id: string;
  sale_date: string;
  product_id: string;
  quantity: number;
  sale_amount: number;
}

export interface StoreDay {
  visitors: number;
  transactions: number;
  quantity: number;
  bestSeller: string;
  /** Cents. */
  revenue: number;
  /** Cents. */
  cost: number;
  peakSales: number;
  peakVisitors: number;
}

const MOST_VISITORS = 5000;
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const cents = (amount: number): number => Math.round(amount * 100);

/** The figures of each `date store`, as far as they depend on that day alone. */
export function storeDays(hours: readonly Hour[], lines: readonly Line[]): Map<string, StoreDay> {
  const keys = new Set([
    ...hours.filter(isSeen).map(({ date, store_id }) => `${date} ${store_id}`),
    ...lines.map(({ sale_date, store_id }) => `${sale_date} ${store_id}`),
  ]);
  return new Map([...keys].map((key) => [key, storeDay(key, hours, lines)]));
}

const isSeen = ({ visitors, sales }: Hour): boolean => visitors !== null || sales !== null;

function storeDay(key: string, hours: readonly Hour[], lines: readonly Line[]): StoreDay {
  const repaired = repair(hours.filter((hour) => isSeen(hour) && `${hour.date} ${hour.store_id}` === key));
  const sold = lines.filter((line) => `${line.sale_date} ${line.store_id}` === key);
  const quantities = new Map<string, number>();
  let cost = 0;
  for (const { product_id, quantity } of sold) {
    const product = PRODUCTS.find(({ id }) => id === product_id);
    if (!product) continue;
    cost += quantity * cents(product.cost);
    quantities.set(product_id, (quantities.get(product_id) ?? 0) + quantity);
  }
  const most = Math.max(...quantities.values());
  return {
    visitors: sum(repaired.map(({ visitors }) => visitors ?? 0)),
    transactions: sum(repaired.map(({ sales }) => sales ?? 0)),
    quantity: sum(sold.map(({ quantity }) => quantity)),
    bestSeller:
      [...quantities]
        .filter(([, quantity]) => quantity === most)
        .map(([id]) => id)
        .sort()
        .at(-1) ?? "",
    revenue: sum(sold.map(({ sale_amount }) => cents(sale_amount))),
    cost,
    peakSales: peak(repaired, "sales"),
    peakVisitors: peak(repaired, "visitors"),
  };
}

function repair(hours: readonly Hour[]): Hour[] {
  const valid = hours.filter(
    ({ visitors }) => visitors !== null && visitors > 0 && visitors <= MOST_VISITORS,
  );
  const ratio = sum(valid.map(({ sales }) => sales ?? 0)) / sum(valid.map(({ visitors }) => visitors!));
  return hours.map((hour) => {
    if (hour.visitors === null || hour.visitors <= MOST_VISITORS || valid.length === 0) return hour;
    if (hour.sales === null) return { ...hour, visitors: null };
    return ratio === 0 ? hour : { ...hour, visitors: hour.sales / ratio };
  });
}

function peak(hours: readonly Hour[], figure: "visitors" | "sales"): number {
  const seen = hours.filter((hour) => hour[figure] !== null);
  const most = Math.max(...seen.map((hour) => hour[figure]!));
  // Divisions may differ in their last digit; what is that close is equal.
  const best = seen.filter((hour) => hour[figure]! >= most * (1 - 1e-12)).map(({ hour }) => hour);
  return best.length === 0 ? 0 : Math.min(...best);
}

/** The last four values at the most of the same store and weekday within four weeks, the day's own among them. */
export function lastFour(
  days: ReadonlyMap<string, StoreDay>,
  key: string,
  figure: "visitors" | "transactions" | "revenue",
): number[] {
  const [date, store] = key.split(" ") as [string, string];
  const values: number[] = [];
  for (let weeks = 4; weeks >= 0; weeks--) {
    const day = new Date(Date.parse(date) - weeks * 7 * 86_400_000).toISOString().slice(0, 10);
    const found = days.get(`${day} ${store}`);
    if (found) values.push(found[figure]);
  }
  return values.slice(-4);
}
