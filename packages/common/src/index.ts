export * from "./clock.ts";
export * from "./errors.ts";
export * from "./money.ts";
export * from "./object-names.ts";
export * from "./storage/object-store.ts";
