import type { Batches } from "./batches.ts";

/** The pipelines of this product. What runs them is heavy, and loaded when one is run. */
export const BATCHES: Batches = {
  names: async () => (await import("@ingot/pipelines/batch")).pipelineNames(),
  load: async (name) => (await import("@ingot/pipelines/batch")).loadPipeline(name),
  inputs: async (...given) => (await import("@ingot/engine/batch")).pipelineInputs(...given),
  run: async (...given) => (await import("@ingot/engine/batch")).runPipeline(...given),
};
