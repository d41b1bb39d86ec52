import { type ObjectStore, readJson } from "@ingot/common";
import type { PipelineManifest } from "./run-record.ts";

/** `undefined` where there is none, or none that can be read. @throws IngotError of the storage */
export async function readPipelineManifest(
  gold: ObjectStore,
  key: string,
): Promise<PipelineManifest | undefined> {
  const manifest = (await readJson<PipelineManifest>(gold, key))?.value;
  return typeof manifest?.files === "object" && manifest.files !== null ? manifest : undefined;
}
