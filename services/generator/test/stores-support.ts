import type { Logger } from "@ingot/common";
import { type Chain, createChain, NO_RETAIL_FAULTS, RETAIL_KEYS, writeRetailDays } from "../src/index.ts";
import type { Client, Product, Store } from "../src/stores/chain.ts";
import { BronzeFolder } from "./bronze-folder.ts";

export type { Client, Product, Store };

export interface HourRecord {
  store_id: string;
  store_name: string;
  date: string;
  hour: number;
  visitors: number | null;
  sales: number | null;
}

export interface SaleLine {
  sale_id: string;
  nb_type_product: number;
  product_id: string;
  client_id: string;
  store_id: string;
  quantity: number;
  sale_amount: number;
  sale_date: string;
  sale_time: string;
}

/** A Thursday and a Saturday. */
export const WEEKDAY = "2026-01-01";
export const WEEKEND = "2026-01-03";

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A chain without errors, with what is given in place of what the seed makes. */
export function chainOf(given: Partial<Chain> = {}): Chain {
  const options = { seed: 1, clients: 500, products: 20, stores: 3, faults: NO_RETAIL_FAULTS };
  return { ...createChain(options), ...given };
}

/** So many stores of the same kind. Without clients they count visits and sell nothing, which is quick. */
export function alike(count: number, store: Partial<Store> = {}): Pick<Chain, "stores" | "clients"> {
  const [first] = chainOf().stores;
  const stores = Array.from({ length: count }, (_, index) => ({ ...first!, ...store, id: String(index) }));
  return { stores, clients: [] };
}

/** What a chain's days have left in bronze, and what was logged: each level's messages. */
export async function written(chain: Chain, from: string, to = from, bronze = new BronzeFolder()) {
  const logged: Record<"warn" | "error", Record<string, unknown>[]> = { warn: [], error: [] };
  const level = (name: "warn" | "error") => (facts: object, message: string) =>
    logged[name].push({ ...facts, message });
  const logger = { warn: level("warn"), error: level("error") } as unknown as Logger;
  const report = await writeRetailDays({ bronze, chain, range: { from, to }, logger });
  const texts = bronze.texts();
  const records = <T>(key: string): T[] => JSON.parse(texts.get(key) ?? "null");
  return {
    report,
    logged,
    bronze,
    texts,
    clients: () => records<Client>(RETAIL_KEYS.clients),
    products: () => records<Product>(RETAIL_KEYS.products),
    stores: () => records<Store>(RETAIL_KEYS.stores),
    hours: (date = from) => records<HourRecord>(RETAIL_KEYS.hours(date)),
    sales: (date = from) => records<SaleLine>(RETAIL_KEYS.sales(date)),
  };
}

/** How often each value occurs. */
export function tally<T>(values: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** True where `count` of `trials` is what chance brings at this probability: within five standard deviations. */
export function isChance(count: number, trials: number, probability: number): boolean {
  const deviation = Math.sqrt(trials * probability * (1 - probability));
  return Math.abs(count - trials * probability) <= 5 * deviation + 1;
}

/** True where all of the expected values occur, each as often as the others, and no others. */
export function isUniform<T>(values: readonly T[], expected: readonly T[]): boolean {
  const counts = tally(values);
  return (
    counts.size === expected.length &&
    expected.every((value) => isChance(counts.get(value) ?? 0, values.length, 1 / expected.length))
  );
}

export const wholeNumbers = (low: number, high: number): number[] =>
  Array.from({ length: high - low + 1 }, (_, index) => low + index);
