import type { Lake, ObjectInfo } from "@ingot/common";
import {
  batchPipelines,
  bronzeKey,
  type Dataset,
  datasetOfBronze,
  datasetOfSilver,
  ecommerceObjects,
  quarantineKey,
} from "@ingot/pipelines";

/** An object and the dataset of the records in it. */
export interface Listed {
  info: ObjectInfo;
  dataset: Dataset;
}

/** What lies in the lake, as far as it may name somebody. */
export interface ListedLake {
  bronze: ReadonlyMap<string, Listed>;
  /** Bronze objects that are no input. */
  unrecognised: readonly ObjectInfo[];
  /** Other pipelines that have files in bronze; these are neither listed nor searched. */
  others: readonly string[];
  /** Silver and quarantine objects whose bronze object is gone: nobody can make them anew. */
  orphans: { silver: readonly Listed[]; quarantine: readonly Listed[] };
}

/** Objects worked on at the same time. */
export const PARALLEL = 16;

const SUFFIX = quarantineKey("");

/** The dataset of an object in quarantine and its bronze key; `undefined` for one that the cleaner did not write. */
export function rejectedFrom(key: string): { source: string; dataset: Dataset } | undefined {
  if (!key.endsWith(SUFFIX)) return undefined;
  const source = key.slice(0, -SUFFIX.length);
  const dataset = datasetOfBronze(source);
  return dataset && { source, dataset };
}

/** @throws IngotError of the storage */
export async function listLake(lake: Lake): Promise<ListedLake> {
  const silver: Listed[] = [];
  const quarantine: Listed[] = [];
  // Before bronze: an object that comes meanwhile is then no orphan.
  for await (const info of ecommerceObjects(lake.silver)) {
    const dataset = datasetOfSilver(info.key);
    if (dataset) silver.push({ info, dataset });
  }
  for await (const info of ecommerceObjects(lake.quarantine)) {
    const rejected = rejectedFrom(info.key);
    if (rejected) quarantine.push({ info, dataset: rejected.dataset });
  }
  const bronze = new Map<string, Listed>();
  const unrecognised: ObjectInfo[] = [];
  for await (const info of ecommerceObjects(lake.bronze)) {
    const dataset = datasetOfBronze(info.key);
    if (dataset) bronze.set(info.key, { info, dataset });
    else unrecognised.push(info);
  }
  const orphans = {
    silver: silver.filter(({ info, dataset }) => !bronze.has(bronzeKey(dataset, info.key))),
    quarantine: quarantine.filter(({ info }) => !bronze.has(rejectedFrom(info.key)!.source)),
  };
  const others: string[] = [];
  for (const name of batchPipelines()) if (await hasFiles(lake, name)) others.push(name);
  return { bronze, unrecognised, others, orphans };
}

async function hasFiles({ bronze }: Lake, pipeline: string): Promise<boolean> {
  for await (const _ of bronze.list({ prefix: `${pipeline}/` })) return true;
  return false;
}
