import { type Lake, type ObjectInfo, splitKey } from "@ingot/common";
import { readCsv, readRecords } from "@ingot/engine";
import {
  countsFromMetadata,
  type Dataset,
  type PrunedObjects,
  quarantineKey,
  silverKey,
} from "@ingot/pipelines";
import { linesOf } from "../quarantine/rejected-records.ts";

/** Where the records of one bronze object are, each counted where it lies. */
export interface ObjectBalance {
  bronzeKey: string;
  dataset: Dataset;
  /** Records in the bronze object, read anew. */
  bronze: number;
  silver: number;
  quarantine: number;
  /** As the cleaner counted them: they are nowhere else. */
  duplicates: number;
  /** True where quarantine's retention has deleted what was rejected, so that the cleaner's count stands for it. */
  isExpired: boolean;
}

export const isBalanced = ({ bronze, silver, quarantine, duplicates }: ObjectBalance): boolean =>
  bronze === silver + quarantine + duplicates;

interface BalanceOptions {
  pruned: PrunedObjects;
  /** Rejected records are deleted after a time: that they are gone is no loss. */
  quarantineExpires: boolean;
}

/**
 * Counts the records of a bronze object in all layers.
 *
 * @returns `undefined` where it is not clean yet, or was changed since
 * @throws IngotError of the storage
 */
export async function balanceOf(
  { bronze, silver, quarantine }: Pick<Lake, "bronze" | "silver" | "quarantine">,
  { key: bronzeKey }: Pick<ObjectInfo, "key">,
  dataset: Dataset,
  { pruned, quarantineExpires }: BalanceOptions,
): Promise<ObjectBalance | undefined> {
  const target = silverKey(dataset, bronzeKey);
  const stored = await silver.stat(target);
  const before = stored ? undefined : await pruned.find(target);
  const metadata = (stored ?? before)?.metadata;
  const raw = metadata && (await bronze.read(bronzeKey));
  if (!metadata || !raw) return undefined;
  const records = await countIn(
    readRecords(raw.body, { name: splitKey(bronzeKey).base, knownFields: dataset.bronzeFields }),
  );
  // An object that tells no source is none of the cleaner's: somebody wrote over it.
  if (metadata.source_etag !== undefined && raw.etag !== metadata.source_etag) return undefined;
  const { rejected = 0, duplicates = 0 } = countsFromMetadata(metadata);
  const rows = before
    ? before.rows
    : await countIn(readCsv((await silver.read(target)).body, dataset.silverColumns));
  const inQuarantine = await linesIn(quarantine, quarantineKey(bronzeKey));
  const isExpired = inQuarantine === undefined && rejected > 0 && quarantineExpires;
  return {
    ...{ bronzeKey, dataset, bronze: records, silver: rows, duplicates, isExpired },
    quarantine: inQuarantine ?? (isExpired ? rejected : 0),
  };
}

async function countIn(batches: AsyncIterable<readonly unknown[]>): Promise<number> {
  let count = 0;
  for await (const batch of batches) count += batch.length;
  return count;
}

/** `undefined` where there is no such object. */
async function linesIn(quarantine: Lake["quarantine"], key: string): Promise<number | undefined> {
  if (!(await quarantine.stat(key))) return undefined;
  let lines = 0;
  for await (const _ of linesOf((await quarantine.read(key)).body)) lines += 1;
  return lines;
}
