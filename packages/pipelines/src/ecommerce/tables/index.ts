export { type CompactedDay, compactDay, type SilverDay } from "./compact-day.ts";
export { type CompactedSource, compactedDay, digestOf } from "./compacted-object.ts";
export { type CompactedRows, readCompacted } from "./compacted-rows.ts";
export {
  type CompactionReport,
  type Compactor,
  type CompactorOptions,
  createCompactor,
} from "./compactor.ts";
export { type LakeTables, type LakeTablesOptions, openLakeTables } from "./lake-tables.ts";
export { readSources } from "./silver-files.ts";
