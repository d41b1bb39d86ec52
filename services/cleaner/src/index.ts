export * from "./clean-object.ts";
export * from "./cleaner.ts";
export * from "./command.ts";
export * from "./retention.ts";
