export { CATALOGUE, type Product } from "./catalogue.ts";
export * from "./command.ts";
export { FAULT_NAMES, FAULTS, type FaultName, type FaultRates, faultRates, NO_FAULTS } from "./faults.ts";
export * from "./generator.ts";
export { type Chain, type ChainOptions, createChain, USUAL_CHAIN } from "./stores/chain.ts";
export { NO_RETAIL_FAULTS, type RetailFaultRates, retailFaultRates } from "./stores/faults.ts";
export { RETAIL_KEYS, type RetailReport, writeRetailDays } from "./stores/write-days.ts";
export { createWorld, type RowCounts, type Tick, type World, type WorldOptions } from "./world.ts";
export { bronzeKeyAt, type WriteReport, writeTick } from "./write-tick.ts";
