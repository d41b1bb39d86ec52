/*
 * The rules that make silver rows, for threads that do nothing else: see @ingot/engine/records.
 */

export * from "../datasets.ts";
export * from "../pipeline.ts";
export * from "./reject-sample.ts";
export type * from "./rule.ts";
export * from "./rule-context.ts";
export * from "./silver-rows.ts";
