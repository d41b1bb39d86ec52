export * from "./aggregator.ts";
export * from "./command.ts";
export * from "./open-warehouse.ts";
export type { Manifest } from "./publisher.ts";
