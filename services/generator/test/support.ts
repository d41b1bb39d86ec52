import { isIPv4 } from "node:net";
import type { DatasetName } from "@ingot/pipelines";
import Papa from "papaparse";
import { FAULT_NAMES, type FaultName, type FaultRates, NO_FAULTS, type Tick } from "../src/index.ts";

export const DAY_MS = 86_400_000;
export const SMALL = { customers: 10, orders: 20, clicks: 30 };

export const only = (name: FaultName, rate = 1): FaultRates => ({ ...NO_FAULTS, [name]: rate });
export const minute = (number: number): Date => new Date(Date.UTC(2026, 2, 2, 9, number));

export type OrderRecord = Record<string, unknown>;

export function customersOf(tick: Tick): Record<string, string>[] {
  const { data, errors } = Papa.parse<Record<string, string>>(tick.files.customers.toString(), {
    header: true,
    skipEmptyLines: true,
  });
  if (errors.length > 0) throw new Error(JSON.stringify(errors[0]));
  return data;
}

export const ordersOf = (tick: Tick): OrderRecord[] => JSON.parse(tick.files.orders.toString());

/** Parsed lines; `undefined` for a broken one. */
export function clicksOf(tick: Tick): (Record<string, string> | undefined)[] {
  const lines = tick.files.clicks.toString().trimEnd().split("\n");
  return lines.map((line) => {
    try {
      return JSON.parse(line);
    } catch {
      return undefined;
    }
  });
}

export function recordsOf(dataset: DatasetName, tick: Tick): (Record<string, unknown> | undefined)[] {
  if (dataset === "orders") return ordersOf(tick);
  return dataset === "customers" ? customersOf(tick) : clicksOf(tick);
}

const TIME = String.raw`(?:[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?(Z?))?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})[-/](\d{2})[-/](\d{2})${TIME}$`);
const DAY_FIRST = new RegExp(String.raw`^(\d{2})[-/](\d{2})[-/](\d{4})${TIME}$`);

/** A naive reading of the contract's dates and instants, in UTC: epoch milliseconds, or `undefined` where invalid. */
export function instantOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const first = YEAR_FIRST.exec(value);
  const match = first ?? DAY_FIRST.exec(value);
  if (!match) return undefined;
  const [year, month, day] = first ? [match[1], match[2], match[3]] : [match[3], match[2], match[1]];
  const time = `${match[4] ?? "00"}:${match[5] ?? "00"}:${match[6] ?? "00"}.${match[7] ?? "000"}`;
  const ms = Date.parse(`${year}-${month}-${day}T${time}Z`);
  return !Number.isNaN(ms) && new Date(ms).getUTCDate() === Number(day) ? ms : undefined;
}

const isIso = (value: unknown) => typeof value === "string" && /^\d{4}-\d\d-\d\d(T.*Z)?$/.test(value);
const isBlank = (value: unknown) =>
  value === undefined || value === null || (typeof value === "string" && value.trim() === "");
const repeats = () => false;

/** What each fault does to a record. The repeated orders are not to be told from one record alone. */
export const SHOWS: Record<FaultName, (record: Record<string, unknown> | undefined) => boolean> = {
  missing_customer_id: (customer) => customer?.customer_id === "",
  missing_email: (customer) => customer?.email === "",
  untidy_email: (customer) => /^ .*[A-Z]/.test(String(customer?.email)),
  missing_country: (customer) => customer?.country === "",
  invalid_date: (customer) => instantOf(customer?.signup_date) === undefined,
  mixed_date_format: ({ signup_date } = {}) => !isIso(signup_date) && instantOf(signup_date) !== undefined,
  missing_order_id: (order) => isBlank(order?.order_id),
  negative_quantity: (order) => Number(order?.quantity) < 0,
  negative_price: (order) => Number(order?.unit_price) < 0,
  missing_total: (order) => isBlank(order?.total_amount),
  garbled_total: ({ total_amount } = {}) => !isBlank(total_amount) && Number.isNaN(Number(total_amount)),
  number_as_text: (order) => typeof order?.quantity === "string" && typeof order.unit_price === "string",
  missing_channel: (order) => isBlank(order?.channel),
  invalid_timestamp: (order) => instantOf(order?.order_ts) === undefined,
  mixed_timestamp_format: ({ order_ts } = {}) => !isIso(order_ts) && instantOf(order_ts) !== undefined,
  duplicate_in_file: repeats,
  duplicate_newer: repeats,
  duplicate_stale: repeats,
  invalid_ip: (click) => click !== undefined && !isIPv4(String(click.ip)),
  invalid_click_timestamp: (click) => click !== undefined && instantOf(click.ts) === undefined,
  broken_line: (click) => click === undefined,
};

/** The faults that a single record can show. */
export const VISIBLE_FAULTS = FAULT_NAMES.filter((name) => !name.startsWith("duplicate"));
