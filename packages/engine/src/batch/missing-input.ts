import { IngotError } from "@ingot/common";
import type { Pipeline } from "./pipeline.ts";

/** @param where the month; empty where the pipeline has none */
export function missing({ name }: Pipeline, examples: readonly string[], where: string): IngotError {
  const month = where === "" ? "" : ` for ${where}`;
  const text = `Bronze has no ${examples.join(", ")}${month}. Import it: ingot import ${name} ${examples.join(" ")}`;
  return new IngotError("input_missing", text, { context: { layer: "bronze", key: `${name}/` } });
}
