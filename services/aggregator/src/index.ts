export * from "./aggregator.ts";
export * from "./command.ts";
export { goldOriginFromMetadata, sqlOrigin } from "./gold-origin.ts";
export { refillWarehouse } from "./refill.ts";
