/** What the simulated stores get wrong (contract: retail stores, section 2), with the usual rates. */
export const RETAIL_FAULTS = {
  impossible_age: { rate: 0.0002, help: "clients aged 200 to 1000" },
  missing_hour: { rate: 0.002, help: "open store-hours without counts, and without sale lines" },
  aberrant_visitors: { rate: 0.001, help: "open store-hours with 10,000 to 50,000 visitors" },
} as const satisfies Record<string, { rate: number; help: string }>;

export type RetailFault = keyof typeof RETAIL_FAULTS;

/** Shares, 0 to 1. An hour may get both of its faults: each is drawn on its own. */
export type RetailFaultRates = Readonly<Record<RetailFault, number>>;

export const RETAIL_FAULT_NAMES = Object.keys(RETAIL_FAULTS) as RetailFault[];

/** The usual rates, with some replaced. */
export function retailFaultRates(changed: Partial<RetailFaultRates> = {}): RetailFaultRates {
  const usual = RETAIL_FAULT_NAMES.map((name) => [name, RETAIL_FAULTS[name].rate]);
  return { ...Object.fromEntries(usual), ...changed };
}

export const NO_RETAIL_FAULTS: RetailFaultRates = retailFaultRates(
  Object.fromEntries(RETAIL_FAULT_NAMES.map((name) => [name, 0])),
);
