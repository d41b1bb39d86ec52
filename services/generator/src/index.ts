export { CATALOGUE, type Product } from "./catalogue.ts";
export * from "./command.ts";
export { FAULT_NAMES, FAULTS, type FaultName, type FaultRates, faultRates, NO_FAULTS } from "./faults.ts";
export * from "./generator.ts";
export { createWorld, type RowCounts, type Tick, type World, type WorldOptions } from "./world.ts";
export { bronzeKeyAt, type WriteReport, writeTick } from "./write-tick.ts";
