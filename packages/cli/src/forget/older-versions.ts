import {
  FORGOTTEN_FOLDER,
  IngotError,
  inParallel,
  LAYERS,
  type Lake,
  type Layer,
  type ObjectVersion,
  type ObjectVersions,
} from "@ingot/common";
import { batchPipelineOf, datasetOfBronze, datasetOfSilver, isCompactors } from "@ingot/pipelines";
import { countInBody, mayNamePerson, type Search } from "./bronze.ts";
import { PARALLEL, rejectedFrom } from "./listed-lake.ts";
import { countRejections } from "./quarantine.ts";
import { countRows } from "./silver.ts";

export interface OlderVersions {
  /** Versions that name the person, by layer; they are gone for good unless they were only counted. */
  named: number;
  /** Why a layer's older versions are still there. */
  denied: { layer: Layer; error: IngotError }[];
}

/**
 * Deletes what the store keeps of the person under objects that were written over or deleted: also under those that
 * somebody else wrote over or deleted long ago.
 *
 * @param isTrial counts only
 * @throws IngotError of the storage, but for `storage_denied`
 */
export async function deleteOlderVersions(
  lake: Lake,
  search: Search,
  { signal, isTrial }: { signal: AbortSignal; isTrial: boolean },
): Promise<OlderVersions> {
  const result: OlderVersions = { named: 0, denied: [] };
  for (const layer of LAYERS) {
    const { versions } = lake[layer];
    // Gold knows nobody.
    if (!versions || layer === "gold") continue;
    try {
      const older: ObjectVersion[] = [];
      for await (const version of versions.list()) {
        const isOurs = batchPipelineOf(version.key) === undefined;
        if (isOurs && !version.isCurrent && !version.isDeletion) older.push(version);
      }
      await inParallel(older, PARALLEL, async (version) => {
        signal.throwIfAborted();
        if (!(await namesPerson(versions, layer, version, search))) return;
        if (!isTrial) await versions.delete(version);
        result.named += 1;
      });
    } catch (error) {
      if (!(error instanceof IngotError) || error.code !== "storage_denied") throw error;
      result.denied.push({ layer, error });
    }
  }
  return result;
}

async function namesPerson(
  versions: ObjectVersions,
  layer: Layer,
  version: ObjectVersion,
  search: Search,
): Promise<boolean> {
  const { key } = version;
  const body = () => versions.read(version);
  if (layer === "bronze") {
    const isNamed = (bytes: Buffer): boolean => search.text.isNamedIn(bytes);
    if (!datasetOfBronze(key)) return mayNamePerson(body(), search.text, isNamed);
    if (!(await mayNamePerson(body(), search.text))) return false;
    const { records, pieces } = await unlessStuck(() => countInBody(body(), key, search));
    return records + pieces > 0;
  }
  if (layer === "silver") {
    const dataset = datasetOfSilver(key)?.name;
    // What days were compacted to before is of no use, and not worth being searched.
    if (!dataset) return isCompactors(key);
    return (await unlessOdd(() => countRows(body(), dataset, search))) > 0;
  }
  if (key.startsWith(FORGOTTEN_FOLDER)) return true;
  const rejected = rejectedFrom(key);
  return rejected !== undefined && (await countRejections(body(), rejected.dataset.name, search)) > 0;
}

/** What an older Ingot wrote in another form is of no use either. */
async function unlessOdd(count: () => Promise<number>): Promise<number> {
  try {
    return await count();
  } catch (error) {
    if (error instanceof IngotError && error.code === "silver_invalid") return 1;
    throw error;
  }
}

/** Where somebody cannot be taken out, they are named. */
async function unlessStuck<T extends { records: number; pieces: number }>(
  count: () => Promise<T>,
): Promise<{ records: number; pieces: number }> {
  try {
    return await count();
  } catch (error) {
    if (error instanceof IngotError && error.code === "incomplete") return { records: 1, pieces: 0 };
    throw error;
  }
}
