export * from "./deliverable.ts";
export * from "./pipeline.ts";
export * from "./run-options.ts";
export * from "./run-record.ts";
export * from "./source-record.ts";
