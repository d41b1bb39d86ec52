import {
  type Clock,
  compareKeys,
  hasInputEnding,
  IngotError,
  type ObjectInfo,
  type ObjectStore,
  splitKey,
} from "@ingot/common";
import type { Pipeline, SourceTable } from "./pipeline.ts";
import { fingerprintOf } from "./places.ts";

/** What lies in bronze for a pipeline. */
export interface PipelineInputs {
  /** Files of its tables, in the order of their keys. */
  objects: readonly InputObject[];
  /** Files of expected values, in the order of their keys. */
  expected: readonly ObjectInfo[];
  /** Keys of files that are of no table. */
  ignored: readonly string[];
  /** Differs where a file was added, replaced or removed. */
  fingerprint: string;
}

export interface InputObject extends ObjectInfo {
  table: SourceTable;
}

/** Until files that are still being copied into a folder are whole. */
const MOST_WAITS = 60;

export const sourcesOf = (pipeline: Pipeline): SourceTable[] =>
  pipeline.tables.filter((table): table is SourceTable => table.kind === "source");

/** What lies in bronze for a pipeline now. @throws IngotError of the storage */
export async function pipelineInputs(pipeline: Pipeline, bronze: ObjectStore): Promise<PipelineInputs> {
  const objects: InputObject[] = [];
  const expected: ObjectInfo[] = [];
  const ignored: string[] = [];
  for await (const object of bronze.list({ prefix: `${pipeline.name}/` })) {
    const { base } = splitKey(object.key);
    if (base.startsWith(".") || base.startsWith("_")) continue;
    const table = tableOf(pipeline, object.key);
    if (table) objects.push({ ...object, table });
    else if (pipeline.expected?.test(base)) expected.push(object);
    else ignored.push(object.key);
  }
  const fingerprint = fingerprintOf([...objects, ...expected].map(({ key, etag }) => `${key}\0${etag}`));
  return { objects, expected, ignored, fingerprint };
}

/** The same, once nothing is being copied in any more. @throws IngotError of the storage; `object_changed` */
export async function settledInputs(
  pipeline: Pipeline,
  bronze: ObjectStore,
  clock: Clock,
  signal: AbortSignal,
): Promise<PipelineInputs> {
  for (let waits = 0; waits < MOST_WAITS; waits += 1) {
    const inputs = await pipelineInputs(pipeline, bronze);
    const newestMs = Math.max(0, ...inputs.objects.map(({ modified }) => modified.getTime()));
    const waitMs = newestMs + bronze.settleMs - clock.now().getTime();
    // A file from the future has a clock that is wrong; it is not waited for.
    if (waitMs <= 0 || waitMs > bronze.settleMs) return inputs;
    await clock.sleep(waitMs, signal);
    signal.throwIfAborted();
  }
  const text = `Files of ${pipeline.name} are being written to bronze all the time. Run it again when they are whole.`;
  throw new IngotError("object_changed", text);
}

const WORKBOOK = /\.xlsx$/i;

/** True for a file that can be of a table, by its ending. */
export const isTableFile = (name: string): boolean =>
  hasInputEnding(name.toLowerCase()) || WORKBOOK.test(name);

/** The table whose file this is: by its base name, else by a folder of the table's name. */
export function tableOf(pipeline: Pipeline, key: string): SourceTable | undefined {
  const { folder, base } = splitKey(key);
  if (!isTableFile(base)) return undefined;
  const folders = new Set(folder.split("/").slice(1));
  const sources = sourcesOf(pipeline);
  return sources.find(({ files }) => files.test(base)) ?? sources.find(({ name }) => folders.has(name));
}

/** In the order in which they arrived; of those that came at once in the order of their keys. */
export function byArrival(a: ObjectInfo, b: ObjectInfo): number {
  return a.modified.getTime() - b.modified.getTime() || compareKeys(a.key, b.key);
}

const DAY_IN_KEY = /(?:^|[^0-9])(\d{4}-\d{2}-\d{2})(?=[^0-9]|$)/g;

/** The day that an object's own name or its folder of a day names, in a pipeline of days; its import day does not count. */
export function dayOfKey(key: string): string | undefined {
  const named = key.replace(/(^|\/)dt=[^/]*\//g, "$1");
  return [...named.matchAll(DAY_IN_KEY)].at(-1)?.[1];
}
