import { inParallel } from "@ingot/common";
import type { Pipeline } from "./pipeline.ts";
import { readPipelineManifest } from "./pipeline-manifest.ts";
import type { RunOptions } from "./run-options.ts";
import { isRunKey, PIPELINE_MANIFEST } from "./run-record.ts";

/** Records of so many runs are kept for each version of the deliverables. */
const RECORDS_EACH = 10;
const PARALLEL = 8;

/** Deletes the deliverables of old runs that no manifest names, and the records of runs that are older still. */
export async function pruneHistory(
  { name }: Pipeline,
  { lake: { gold }, goldHistory }: Pick<RunOptions, "lake" | "goldHistory">,
): Promise<void> {
  const history = new Map<string, string[]>();
  const records: string[] = [];
  const manifests: string[] = [];
  const versions = `${name}/history/`;
  for await (const { key } of gold.list({ prefix: `${name}/` })) {
    if (key.startsWith(versions)) {
      const run = key.slice(versions.length).split("/", 1)[0]!;
      history.set(run, [...(history.get(run) ?? []), key]);
    } else if (isRunKey(name, key)) records.push(key);
    else if (key.endsWith(`/${PIPELINE_MANIFEST}`)) manifests.push(key);
  }
  const named = new Set<string>();
  for (const key of manifests) for (const used of await keysIn(gold, key)) named.add(used);
  const old = [...history.keys()].sort().slice(0, -goldHistory);
  const doomed = [
    ...old.flatMap((run) => history.get(run)!.filter((key) => !named.has(key))),
    ...records.sort().slice(0, -RECORDS_EACH * goldHistory),
  ];
  await inParallel(doomed, PARALLEL, (key) => gold.delete(key));
}

async function keysIn(gold: RunOptions["lake"]["gold"], key: string): Promise<string[]> {
  const manifest = await readPipelineManifest(gold, key);
  return Object.values(manifest?.files ?? {}).map((file) => file.key);
}
