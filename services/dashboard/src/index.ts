export * from "./command.ts";
export * from "./run-dashboard.ts";
