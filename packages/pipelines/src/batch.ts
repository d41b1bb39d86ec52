import { IngotError } from "@ingot/common";
import type { Pipeline } from "@ingot/engine/batch";
import { batchPipelines, DECLARATION, PIPELINES } from "./folders.ts";

/** The pipelines that work in batches, in alphabetical order: every folder beside this file with a `pipeline.ts`. */
export async function pipelineNames(): Promise<string[]> {
  return [...batchPipelines()];
}

/** @throws IngotError `usage` where there is no pipeline of this name */
export async function loadPipeline(name: string): Promise<Pipeline> {
  const known = await pipelineNames();
  if (!known.includes(name)) {
    throw new IngotError("usage", `There is no pipeline "${name}". There are ${known.join(", ")}.`);
  }
  const module: { default: Pipeline } = await import(new URL(`${name}/${DECLARATION}`, PIPELINES).href);
  return module.default;
}
