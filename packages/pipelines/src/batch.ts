import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
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
  return { ...module.default, version: await versionOf(name) };
}

/** Of the code that makes a pipeline's tables: its own folder, and what all pipelines read values with. */
async function versionOf(name: string): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of [name, "values"]) {
    const files = await readdir(new URL(`${folder}/`, PIPELINES), { recursive: true });
    for (const file of files.filter((path) => path.endsWith(".ts")).sort()) {
      hash.update(`${file}\0`).update(await readFile(new URL(`${folder}/${file}`, PIPELINES)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
