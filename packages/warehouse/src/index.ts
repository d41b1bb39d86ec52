export * from "./open-warehouse.ts";
export * from "./sqlite/empty-log.ts";
export * from "./sqlite/inspect.ts";
export * from "./sqlite/sqlite-warehouse.ts";
export * from "./warehouse.ts";
