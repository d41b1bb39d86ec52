import { existsSync, readdirSync } from "node:fs";
import type { ObjectStore } from "@ingot/common";

/** Every folder here with such a file is a pipeline. */
export const DECLARATION = "pipeline.ts";
/** Works continuously, and owns the root of each layer; every other pipeline owns the folder of its name. */
export const CONTINUOUS = "ecommerce";

export const PIPELINES = new URL("./", import.meta.url);

let names: readonly string[] | undefined;
let folders: readonly string[] | undefined;

/** The pipelines that work in batches, in alphabetical order. */
export function batchPipelines(): readonly string[] {
  names ??= readdirSync(PIPELINES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== CONTINUOUS)
    .map(({ name }) => name)
    .filter((name) => existsSync(new URL(`${name}/${DECLARATION}`, PIPELINES)))
    .sort();
  return names;
}

/** Their folders in each layer. */
export function batchFolders(): readonly string[] {
  folders ??= batchPipelines().map((name) => `${name}/`);
  return folders;
}

/** The pipeline that owns a key, in any layer; `undefined` where it is the e-commerce pipeline's. */
export function batchPipelineOf(key: string): string | undefined {
  // Every key of the lake is asked about.
  const all = batchFolders();
  for (let at = 0; at < all.length; at += 1) if (key.startsWith(all[at]!)) return batchPipelines()[at];
  return undefined;
}

/** A layer's objects that are not another pipeline's, in the order of their keys. */
export const ecommerceObjects = (store: ObjectStore): ReturnType<ObjectStore["list"]> =>
  store.list({ without: batchFolders() });
