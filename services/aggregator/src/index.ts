export * from "./aggregator.ts";
export * from "./command.ts";
export { type GoldOrigin, goldOriginFromMetadata, sqlOrigin } from "./gold-origin.ts";
export * from "./open-warehouse.ts";
export { type Manifest, readManifest } from "./publisher.ts";
export type { SilverRecord } from "./silver-lineage.ts";
