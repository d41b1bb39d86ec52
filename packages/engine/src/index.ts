export * from "./csv-reader.ts";
export * from "./csv-writer.ts";
export * from "./raw-record.ts";
export { type ReadOptions, readRecords } from "./records/read-records.ts";
