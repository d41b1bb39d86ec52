import type { DatasetName } from "@ingot/pipelines";

interface Fault {
  dataset: DatasetName;
  /** The share of eligible records that have the fault, 0 to 1. */
  rate: number;
  /** One line for option help. */
  help: string;
}

/**
 * Everything that the generator does wrong on purpose (contract: e-commerce, section 1), with default rates.
 * With all rates at 0 every record is valid as it stands.
 */
export const FAULTS = {
  missing_customer_id: { dataset: "customers", rate: 0.005, help: "customers without an id" },
  missing_email: { dataset: "customers", rate: 0.03, help: "customers without an e-mail address" },
  untidy_email: {
    dataset: "customers",
    rate: 0.03,
    help: "e-mail addresses in capitals, with blanks around them",
  },
  missing_country: { dataset: "customers", rate: 0.03, help: "customers without a country" },
  invalid_date: { dataset: "customers", rate: 0.02, help: "sign-up dates that no calendar has (32/13/2025)" },
  mixed_date_format: { dataset: "customers", rate: 0.05, help: "valid sign-up dates in another format" },
  missing_order_id: { dataset: "orders", rate: 0.002, help: "orders without an id" },
  negative_quantity: { dataset: "orders", rate: 0.01, help: "orders with a quantity below zero" },
  negative_price: { dataset: "orders", rate: 0.002, help: "orders with a unit price below zero" },
  missing_total: { dataset: "orders", rate: 0.02, help: "orders without a total" },
  garbled_total: { dataset: "orders", rate: 0.005, help: "orders whose total is no number" },
  number_as_text: { dataset: "orders", rate: 0.02, help: "orders with their numbers as text" },
  missing_channel: { dataset: "orders", rate: 0.005, help: "orders without a channel" },
  invalid_timestamp: {
    dataset: "orders",
    rate: 0.01,
    help: "order timestamps that are no instant (2026-02-30)",
  },
  mixed_timestamp_format: { dataset: "orders", rate: 0.08, help: "valid order timestamps in another format" },
  duplicate_in_file: { dataset: "orders", rate: 0.01, help: "orders that repeat another of the same file" },
  duplicate_newer: { dataset: "orders", rate: 0.01, help: "newer versions of orders of earlier files" },
  duplicate_stale: { dataset: "orders", rate: 0.01, help: "older versions of orders of earlier files" },
  invalid_ip: { dataset: "clicks", rate: 0.01, help: "clicks with an impossible address (999.999.999.999)" },
  invalid_click_timestamp: { dataset: "clicks", rate: 0.003, help: "click timestamps that are no instant" },
  broken_line: { dataset: "clicks", rate: 0.005, help: "click lines that end in the middle" },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
export type FaultRates = Readonly<Record<FaultName, number>>;

export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

/** The default rates, with some replaced. */
export function faultRates(changed: Partial<FaultRates> = {}): FaultRates {
  const defaults = FAULT_NAMES.map((name) => [name, FAULTS[name].rate] as const);
  return { ...(Object.fromEntries(defaults) as FaultRates), ...changed };
}

/** A world without any fault. */
export const NO_FAULTS = Object.fromEntries(FAULT_NAMES.map((name) => [name, 0])) as FaultRates;
