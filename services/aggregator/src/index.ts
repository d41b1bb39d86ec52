export * from "./aggregator.ts";
export * from "./command.ts";
export * from "./open-warehouse.ts";
export { type Manifest, readManifest } from "./publisher.ts";
