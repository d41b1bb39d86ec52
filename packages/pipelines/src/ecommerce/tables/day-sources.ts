import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { IngotError, type ObjectMetadata, type ObjectStore, readAll } from "@ingot/common";
import {
  type CompactedSource,
  compactedMetadata,
  type DatasetDay,
  isCompactedSource,
  sourcesFromJson,
  sourcesKey,
  sourcesToJson,
} from "./compacted-object.ts";

/** A silver object as it was when it was compacted: all that is known of it once its CSV object is pruned. */
export interface DaySource extends CompactedSource {
  /** Of the CSV object, in bytes. */
  size: number;
  /** Of the CSV object's bytes, in hex. */
  sha256: string;
  /** What the cleaner wrote beside it: counts, and which bronze object it was made of. */
  metadata: ObjectMetadata;
}

/**
 * What the day's Parquet file was made of, for those who look for a silver object and do not find it.
 *
 * @returns `undefined` where the day has no such list
 * @throws IngotError `silver_invalid` for a list that cannot be read; of the storage
 */
export async function readDaySources(
  silver: ObjectStore,
  { dataset, day }: DatasetDay,
): Promise<DaySource[] | undefined> {
  const key = sourcesKey(dataset, day);
  try {
    const text = await inflate(await readAll(silver, key));
    const sources = sourcesFromJson(text.toString("utf8"), isDaySource);
    if (sources) return sources;
  } catch (error) {
    if (error instanceof IngotError && error.code === "object_missing") return undefined;
    if (error instanceof IngotError) throw error;
  }
  throw new IngotError(
    "silver_invalid",
    `${key} cannot be read. Restore it from a backup, or clean its day again: delete it, then ingot rebuild --from bronze`,
    { context: { layer: "silver", key } },
  );
}

export async function writeDaySources(
  silver: ObjectStore,
  { dataset, day }: DatasetDay,
  sources: readonly DaySource[],
): Promise<void> {
  await silver.write(sourcesKey(dataset, day), await deflate(sourcesToJson(sources)), {
    metadata: compactedMetadata(sources),
    contentType: "application/gzip",
  });
}

const inflate = promisify(gunzip);
const deflate = promisify<string, Buffer>(gzip);

function isDaySource(value: unknown): value is DaySource {
  const { size, sha256, metadata } = (value ?? {}) as Partial<DaySource>;
  const isObject = typeof metadata === "object" && metadata !== null;
  return isCompactedSource(value) && typeof size === "number" && typeof sha256 === "string" && isObject;
}
