import {
  type CommandContext,
  IngotError,
  type Lake,
  type ObjectMetadata,
  type ObjectStat,
} from "@ingot/common";
import {
  bronzeKey,
  countsFromMetadata,
  type Dataset,
  datasetOfBronze,
  datasetOfSilver,
  originFromMetadata,
  PrunedObjects,
  quarantineKey,
  type SilverOrigin,
  type StoredCounts,
  silverKey,
} from "@ingot/pipelines";
import { takenIn } from "./warehouse-objects.ts";

/** A raw file and what became of it. */
export interface ObjectLineage {
  dataset: string;
  bronzeKey: string;
  silverKey: string;
  /** The bronze object; `undefined` where it is gone. */
  bronze: Pick<ObjectStat, "etag" | "size" | "modified"> | undefined;
  /** `undefined` where it was not cleaned yet. */
  silver:
    | {
        origin: SilverOrigin;
        counts: StoredCounts;
        /** True where the CSV object was pruned: the rows are in their day's Parquet file. */
        isPruned: boolean;
      }
    | undefined;
  /** The object with its rejected records; `undefined` where there is none. */
  quarantineKey: string | undefined;
  /** When the warehouse took it in; `unknown` where there is no warehouse here. */
  takenInAt: string | undefined | "unknown";
}

/** The bronze object that a key in bronze or silver means; `undefined` where it is a key of neither. */
export function objectTarget(key: string): { dataset: Dataset; bronzeKey: string } | undefined {
  const cleaned = datasetOfSilver(key);
  if (cleaned) return { dataset: cleaned, bronzeKey: bronzeKey(cleaned, key) };
  const dataset = datasetOfBronze(key);
  return dataset && { dataset, bronzeKey: key };
}

/** @throws IngotError `object_missing` where no layer knows it; of the storage */
export async function objectLineage(
  lake: Lake,
  { dataset, bronzeKey: source }: { dataset: Dataset; bronzeKey: string },
  { settings, clock }: Pick<CommandContext, "settings" | "clock">,
): Promise<ObjectLineage> {
  const target = silverKey(dataset, source);
  const [bronze, csv, rejected] = await Promise.all([
    lake.bronze.stat(source),
    lake.silver.stat(target),
    lake.quarantine.stat(quarantineKey(source)),
  ]);
  const pruned = csv ? undefined : await new PrunedObjects(lake.silver, clock).find(target);
  const metadata = csv?.metadata ?? pruned?.metadata;
  if (!bronze && !metadata && !rejected) throw unknownObject(source, lake.url);
  const known = await takenIn(settings, [target]);
  return {
    dataset: dataset.name,
    bronzeKey: source,
    silverKey: target,
    bronze,
    silver: metadata && silverOf(metadata, pruned !== undefined),
    quarantineKey: rejected?.key,
    takenInAt: known ? known.get(target) : "unknown",
  };
}

function silverOf(metadata: ObjectMetadata, isPruned: boolean): ObjectLineage["silver"] {
  return { origin: originFromMetadata(metadata), counts: countsFromMetadata(metadata), isPruned };
}

function unknownObject(key: string, url: string): IngotError {
  const text = `There is nothing of ${JSON.stringify(key)} in ${url}: no raw file, no silver, no rejected records. \`ingot lineage sales_by_day --all\` lists the files behind a KPI.`;
  return new IngotError("object_missing", text, { context: { key } });
}
