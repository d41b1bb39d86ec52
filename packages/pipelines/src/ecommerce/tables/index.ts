export { type CompactedDay, compactDay, type SilverDay } from "./compact-day.ts";
export {
  type CompactionReport,
  type Compactor,
  type CompactorOptions,
  createCompactor,
  PRUNED_AFTER_MS,
} from "./compactor.ts";
export { type LakeTables, type LakeTablesOptions, openLakeTables } from "./lake-tables.ts";
export type { PrunedDay } from "./prune-day.ts";
export { RemadeDay } from "./remade-day.ts";
export { RemadeDays } from "./remade-days.ts";
export { silverDay, silverDays } from "./silver-days.ts";
export { type DaySales, SILVER_SALES, silverSales } from "./silver-sales.ts";
