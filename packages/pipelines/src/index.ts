export * from "./ecommerce/clean-counts.ts";
export * from "./ecommerce/datasets.ts";
export * from "./ecommerce/silver/outcome.ts";
export * from "./ecommerce/silver/rules.ts";
export { compactedDay } from "./ecommerce/tables/compacted-object.ts";
export * from "./kpis.ts";
export * from "./values/instants.ts";
export * from "./values/timezone.ts";
