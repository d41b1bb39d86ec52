export * from "./raw-record.ts";
