export * from "./aggregator.ts";
export * from "./command.ts";
export { type GoldOrigin, goldOriginFromMetadata, sqlOrigin } from "./gold-origin.ts";
export { type Manifest, readManifest } from "./publisher.ts";
export { isStopping } from "./quality/check-alarms.ts";
export { type LoggedCheck, readChecks } from "./quality/check-log.ts";
export { refillWarehouse } from "./refill.ts";
export type { SilverRecord } from "./silver-lineage.ts";
