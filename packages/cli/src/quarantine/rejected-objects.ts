import { type Clock, compareKeys, IngotError, inParallel, type Lake, type ObjectInfo } from "@ingot/common";
import {
  batchPipelineOf,
  batchPipelines,
  countsFromMetadata,
  type Dataset,
  type DatasetName,
  datasetOfBronze,
  ECOMMERCE,
  ecommerceObjects,
  PrunedObjects,
  quarantineKey,
  type StoredCounts,
  silverKey,
} from "@ingot/pipelines";
import { count } from "../amounts.ts";
import { batchRejected } from "./batch-rejected.ts";
import { linesOf, readRejection } from "./rejected-records.ts";

/** An object in quarantine: the rejected records of one bronze object. */
export interface RejectedObject extends ObjectInfo {
  bronzeKey: string;
  /** `undefined` for an object of a pipeline that works in batches. */
  dataset: Dataset | undefined;
}

export interface CountedObject extends RejectedObject {
  /** The pipeline that it belongs to. */
  pipeline: string;
  /** The dataset, or the pipeline's table; empty where nothing tells. */
  table: string;
  /** What became of the bronze object's records when it was cleaned last. */
  counts: StoredCounts & { rejected: number };
  /** The ETag of the bronze object that silver was made from; `undefined` where silver does not tell. */
  sourceEtag: string | undefined;
}

/** Which of quarantine's objects are meant: those to which all of it applies. */
export interface Choice {
  pipeline?: string | undefined;
  /** Of the e-commerce pipeline. */
  dataset?: DatasetName | undefined;
  reason?: string | undefined;
}

type Layers = Pick<Lake, "silver" | "quarantine">;

/** Requests to the store at the same time. */
export const PARALLEL = 16;

const SUFFIX = quarantineKey("");

/** Which bronze object's records an object in quarantine holds; `undefined` where it is not the cleaner's. */
export function rejectedObject(info: ObjectInfo): RejectedObject | undefined {
  if (!info.key.endsWith(SUFFIX)) return undefined;
  const bronzeKey = info.key.slice(0, -SUFFIX.length);
  const dataset = datasetOfBronze(bronzeKey);
  const isKnown = dataset !== undefined || batchPipelineOf(bronzeKey) !== undefined;
  return isKnown ? { ...info, bronzeKey, dataset } : undefined;
}

/**
 * The objects in quarantine with their counts, newest first. Counts are those of the silver object's metadata, also
 * where it was pruned; only where it has none is the quarantine object itself read.
 *
 * @throws IngotError of the storage
 */
export async function countedObjects(
  lake: Layers,
  { pipeline, dataset, reason }: Choice,
  clock: Clock,
): Promise<CountedObject[]> {
  const objects: RejectedObject[] = [];
  if (pipeline === undefined || pipeline === ECOMMERCE.name) {
    for await (const info of ecommerceObjects(lake.quarantine)) {
      const object = rejectedObject(info);
      if (object && (dataset === undefined || object.dataset?.name === dataset)) objects.push(object);
    }
  }
  const batches = batchPipelines().filter((name) => pipeline === undefined || pipeline === name);
  const others =
    dataset === undefined ? await Promise.all(batches.map((name) => batchRejected(lake, name))) : [];
  return [...(await withCounts(lake, objects, clock)), ...others.flat()]
    .filter(({ counts }) => reason === undefined || (counts.reasons[reason] ?? 0) > 0)
    .sort((a, b) => b.modified.getTime() - a.modified.getTime() || compareKeys(a.key, b.key));
}

/** Those that somebody took away meanwhile are left out. @param objects of the e-commerce pipeline */
export async function withCounts(
  { silver, quarantine }: Layers,
  objects: readonly RejectedObject[],
  clock: Clock,
): Promise<CountedObject[]> {
  const pruned = new PrunedObjects(silver, clock);
  const found = await inParallel(objects, PARALLEL, async (rejected): Promise<CountedObject[]> => {
    const { dataset, bronzeKey } = rejected;
    if (!dataset) return [];
    const object = { ...rejected, pipeline: ECOMMERCE.name, table: dataset.name };
    const target = silverKey(dataset, bronzeKey);
    const { metadata = {} } = (await pruned.known(target)) ?? {};
    const stored = countsFromMetadata(metadata);
    const sourceEtag = metadata.source_etag;
    if (stored.rejected) return [{ ...object, counts: { ...stored, rejected: stored.rejected }, sourceEtag }];
    // A killed cleaner may leave records here that silver does not count as rejected, or not yet.
    const read = await countedByReading({ quarantine }, object.key);
    return read ? [{ ...object, counts: { ...stored, ...read }, sourceEtag }] : [];
  });
  return found.flat();
}

/** `undefined` where the object is gone. */
export async function countedByReading(
  { quarantine }: Pick<Lake, "quarantine">,
  key: string,
): Promise<Pick<CountedObject["counts"], "rejected" | "reasons"> | undefined> {
  const reasons: Record<string, number> = {};
  let rejected = 0;
  try {
    for await (const line of linesOf((await quarantine.read(key)).body)) {
      const { reason } = readRejection(line);
      rejected += 1;
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
  } catch (error) {
    if (error instanceof IngotError && error.code === "object_missing") return undefined;
    throw error;
  }
  return { rejected, reasons };
}

/**
 * The object in quarantine that a key means: a bronze key, or else a key in quarantine.
 *
 * @throws IngotError `object_missing` where there is none, `invalid_key`, and those of the storage
 */
export async function findRejected(
  { quarantine }: Pick<Lake, "quarantine">,
  key: string,
): Promise<RejectedObject> {
  const look = async (candidate: string): Promise<RejectedObject | undefined> => {
    const found = await quarantine.stat(candidate);
    return found && rejectedObject(found);
  };
  const found = (await look(quarantineKey(key))) ?? (key.endsWith(SUFFIX) ? await look(key) : undefined);
  if (found) return found;
  const text = `There are no rejected records of ${JSON.stringify(key)} in quarantine. \`ingot quarantine list\` shows the keys of those that there are.`;
  throw new IngotError("object_missing", text, { context: { layer: "quarantine", key } });
}

/** Reasons with their records, the most frequent first: `invalid_ip 6, invalid_json 3`. */
export function reasonsText(reasons: Readonly<Record<string, number>>): string {
  return Object.entries(reasons)
    .filter(([, records]) => records > 0)
    .sort(([a, more], [b, less]) => less - more || (a < b ? -1 : 1))
    .map(([reason, records]) => `${reason} ${count(records)}`)
    .join(", ");
}
