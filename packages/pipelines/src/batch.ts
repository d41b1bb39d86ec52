import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { IngotError } from "@ingot/common";
import type { Pipeline } from "@ingot/engine/batch";

const FOLDERS = new URL("./", import.meta.url);
const DECLARATION = "pipeline.ts";
/** Works continuously, by services of its own. */
const CONTINUOUS = "ecommerce";

let names: Promise<string[]> | undefined;

/** The pipelines that work in batches, in alphabetical order: every folder beside this file with a `pipeline.ts`. */
export function pipelineNames(): Promise<string[]> {
  names ??= findNames();
  return names;
}

async function findNames(): Promise<string[]> {
  const entries = await readdir(FOLDERS, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== CONTINUOUS);
  const found = await Promise.all(
    folders.map(async ({ name }) => ((await hasDeclaration(name)) ? [name] : [])),
  );
  return found.flat().sort();
}

async function hasDeclaration(name: string): Promise<boolean> {
  const file = path.join(fileURLToPath(FOLDERS), name, DECLARATION);
  return access(file).then(
    () => true,
    () => false,
  );
}

/** @throws IngotError `usage` where there is no pipeline of this name */
export async function loadPipeline(name: string): Promise<Pipeline> {
  const known = await pipelineNames();
  if (!known.includes(name)) {
    throw new IngotError("usage", `There is no pipeline "${name}". There are ${known.join(", ")}.`);
  }
  const module: { default: Pipeline } = await import(new URL(`${name}/${DECLARATION}`, FOLDERS).href);
  return module.default;
}
