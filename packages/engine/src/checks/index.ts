export * from "./check.ts";
export * from "./check-result.ts";
export * from "./check-sql.ts";
export * from "./parse-checks.ts";
export * from "./run-checks.ts";
