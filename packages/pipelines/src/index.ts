export * from "./ecommerce/clean-counts.ts";
export * from "./ecommerce/datasets.ts";
export * from "./ecommerce/silver/rule.ts";
export * from "./ecommerce/silver/rules.ts";
export * from "./ecommerce/silver/silver-rows.ts";
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
export * from "./kpis.ts";
export * from "./values/instants.ts";
export * from "./values/timezone.ts";
