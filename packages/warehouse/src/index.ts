export * from "./feed.ts";
export * from "./open-warehouse.ts";
export * from "./sqlite/empty-log.ts";
export { readSnapshot } from "./sqlite/feed/read-snapshot.ts";
export * from "./sqlite/feed/sqlite-feed.ts";
export * from "./sqlite/inspect.ts";
export * from "./sqlite/sqlite-warehouse.ts";
export * from "./warehouse.ts";
