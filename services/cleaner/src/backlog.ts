import {
  type Clock,
  compareKeys,
  type Lake,
  LayerScanner,
  type Logger,
  type ObjectInfo,
  type ObjectStore,
} from "@ingot/common";
import { batchFolders, datasetOfBronze, PrunedObjects, silverKey } from "@ingot/pipelines";
import type { CleanTask } from "./clean-object.ts";

/** What is to be done with a bronze object, as it was listed. */
export interface ListedTask
  extends CleanTask,
    Pick<ObjectInfo, "size" | "etag">,
    Partial<Pick<ObjectInfo, "modified">> {}

export interface Backlog {
  /** The objects that have to be cleaned, and in how many milliseconds some will be that are too young now. */
  find(): Promise<{ tasks: ListedTask[]; unsettledMs: number | undefined }>;
  /** The object is clean; it need not be looked at again until it changes. */
  settle(task: ListedTask): void;
  /** Something may have happened to this bronze object. */
  hint(key: string): void;
}

/** So few objects are asked for one by one. */
const FEW = 8;
const PARALLEL = 16;
/** Other objects that a listing may bring before the rest is asked for one by one. */
const MOST_STRANGERS = 2_000;

/** Finds bronze objects that have no silver object yet, also none that was pruned, or were replaced since it was made. */
export function createBacklog(
  lake: Pick<Lake, "bronze" | "silver">,
  { clock, logger }: { clock: Clock; logger: Logger },
): Backlog {
  const scanner = new LayerScanner(lake.bronze, clock, undefined, batchFolders());
  const pruned = new PrunedObjects(lake.silver, clock, (message) => logger.warn(message));
  const unrecognised = new Set<string>();
  /** ETags of bronze objects that are younger than their silver object but are known to be what was cleaned. */
  const unchanged = new Map<string, string>();

  const isUnchanged = async (bronze: ObjectInfo, silver: ObjectInfo): Promise<boolean> => {
    if (bronze.modified < silver.modified || unchanged.get(bronze.key) === bronze.etag) return true;
    const cleaned = await lake.silver.stat(silver.key);
    if (cleaned?.metadata.source_etag !== bronze.etag) return false;
    unchanged.set(bronze.key, bronze.etag);
    return true;
  };

  const inputs = (chunk: readonly ObjectInfo[]) =>
    chunk.flatMap((bronze) => {
      const dataset = datasetOfBronze(bronze.key);
      if (dataset) return [{ bronze, dataset, target: silverKey(dataset, bronze.key) }];
      if (!unrecognised.has(bronze.key)) logger.warn({ key: bronze.key }, "unrecognised object, left alone");
      unrecognised.add(bronze.key);
      scanner.settle(bronze);
      return [];
    });

  const find: Backlog["find"] = async () => {
    const tasks: ListedTask[] = [];
    let unsettledMs: number | undefined;
    for await (const chunk of scanner.look()) {
      const candidates = inputs(chunk);
      const done = await existing(
        lake.silver,
        candidates.map(({ target }) => target),
      );
      const now = clock.now().getTime();
      for (const { bronze, dataset, target } of candidates) {
        const silver = done.get(target);
        const before = silver ? undefined : await pruned.find(target);
        const isDone = silver
          ? await isUnchanged(bronze, silver)
          : before?.metadata.source_etag === bronze.etag;
        if (isDone) {
          scanner.settle(bronze);
          continue;
        }
        // Somebody may still be copying it in. A time in the future is a wrong clock, not a young object.
        const ageMs = now - bronze.modified.getTime();
        if (ageMs >= 0 && ageMs < lake.bronze.settleMs) {
          unsettledMs = Math.max(unsettledMs ?? 0, lake.bronze.settleMs - ageMs);
          continue;
        }
        const replace = silver !== undefined || before !== undefined;
        if (replace) logger.warn({ key: bronze.key }, "changed since it was cleaned; cleaning it anew");
        tasks.push({ ...bronze, dataset, replace });
      }
    }
    return { tasks, unsettledMs };
  };
  return { find, settle: (task) => scanner.settle(task), hint: (key) => scanner.hint(key) };
}

/** Those of the objects that are there, by key. */
async function existing(store: ObjectStore, keys: readonly string[]): Promise<Map<string, ObjectInfo>> {
  const wanted = [...keys].sort(compareKeys);
  if (wanted.length <= FEW) return ofEach(store, wanted);
  const found = new Map<string, ObjectInfo>();
  const [first, last] = [wanted[0]!, wanted.at(-1)!];
  const isWanted = new Set(wanted);
  let strangers = 0;
  // All that a key's own beginning sorts before is this key and what begins with it.
  const range = { prefix: commonStart(first, last), startAfter: first.slice(0, -1), without: batchFolders() };
  for await (const info of store.list(range)) {
    if (compareKeys(info.key, last) > 0) break;
    if (isWanted.has(info.key)) found.set(info.key, info);
    else strangers += 1;
    if (strangers > MOST_STRANGERS) {
      const rest = wanted.filter((key) => compareKeys(key, info.key) > 0);
      return new Map([...found, ...(await ofEach(store, rest))]);
    }
  }
  return found;
}

async function ofEach(store: ObjectStore, keys: readonly string[]): Promise<Map<string, ObjectInfo>> {
  const found = new Map<string, ObjectInfo>();
  for (let at = 0; at < keys.length; at += PARALLEL) {
    const infos = await Promise.all(keys.slice(at, at + PARALLEL).map((key) => store.stat(key)));
    for (const info of infos) if (info) found.set(info.key, info);
  }
  return found;
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}
