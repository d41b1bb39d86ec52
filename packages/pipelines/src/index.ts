export * from "./ecommerce/clean-counts.ts";
export * from "./ecommerce/datasets.ts";
export * from "./ecommerce/pipeline.ts";
export * from "./ecommerce/reject-samples.ts";
export * from "./ecommerce/schemas/index.ts";
export type { RejectSample } from "./ecommerce/silver/reject-sample.ts";
export * from "./ecommerce/silver/rule.ts";
export * from "./ecommerce/silver/rule-context.ts";
export * from "./ecommerce/silver/silver-rows.ts";
export * from "./ecommerce/silver-origin.ts";
export * from "./ecommerce/survey/index.ts";
export {
  type DatasetDay,
  dayFolder,
  isCompactors,
  prunedDay,
  prunedKey,
  sourcesDay,
} from "./ecommerce/tables/compacted-object.ts";
export { type DaySource, readDaySources } from "./ecommerce/tables/day-sources.ts";
export { PrunedObjects } from "./ecommerce/tables/pruned-objects.ts";
export { SILVER_TYPES } from "./ecommerce/tables/silver-types.ts";
export { batchFolders, batchPipelineOf, batchPipelines, ecommerceObjects } from "./folders.ts";
export * from "./gold/logged-checks.ts";
export * from "./gold/manifest.ts";
export * from "./models.ts";
export * from "./values/instants.ts";
export * from "./values/timezone.ts";
