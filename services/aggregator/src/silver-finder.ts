import {
  type Clock,
  IngotError,
  type Lake,
  LayerScanner,
  type Logger,
  type ObjectInfo,
  sha256Of,
} from "@ingot/common";
import {
  batchFolders,
  type DatasetDay,
  datasetOfSilver,
  ecommerceObjects,
  isCompactors,
  isSchemaObject,
  prunedDay,
  sourcesDay,
} from "@ingot/pipelines";
import type { IngestedObject, Warehouse } from "@ingot/warehouse";
import { type PrunedSilver, prunedObjectsOf, withCompacted } from "./compacted-silver.ts";
import type { ListedSilver } from "./silver-intake.ts";

export interface SilverFinder {
  /** What the warehouse has not taken in, and whether an object that it has taken in has other content by now. */
  find(): Promise<{ fresh: ListedSilver[]; isRewritten: boolean }>;
  /** Everything that the cleaner has written. */
  all(): Promise<ListedSilver[]>;
  /** The warehouse has taken this object in. */
  settle(silver: ListedSilver): void;
  /** Something may have happened to this silver object. */
  hint(key: string): void;
}

type Standing = "fresh" | "known" | "rewritten";

interface Found {
  silver: ListedSilver;
  standing: Standing;
}

/** Finds silver objects that the warehouse does not have, without a look at all that it has. */
export function createSilverFinder({
  lake,
  warehouse,
  clock,
  logger,
}: {
  lake: Pick<Lake, "silver">;
  warehouse: Warehouse;
  clock: Clock;
  logger: Logger;
}): SilverFinder {
  const scanner = new LayerScanner(lake.silver, clock, undefined, batchFolders());
  /** What has been warned of. */
  const said = new Set<string>();
  /** ETags of lists of pruned days of which the warehouse has all. */
  const prunedBefore = new Map<string, string>();
  /** How many objects the warehouse had: fewer than before means that it was emptied under us. */
  let known = 0;

  const recognise = (info: ObjectInfo): (ListedSilver & { info: ObjectInfo }) | undefined => {
    const dataset = datasetOfSilver(info.key);
    if (dataset) return { info, dataset };
    if (!isCompactors(info.key) && !isSchemaObject(info.key) && !said.has(info.key)) {
      logger.warn({ key: info.key }, "not written by the cleaner, left alone");
      said.add(info.key);
    }
    return undefined;
  };

  /** How an object stands to the warehouse; where only its ETag is another, the warehouse learns it. */
  const standingOf = async (
    { key, etag }: ObjectInfo,
    ingested: ReadonlyMap<string, IngestedObject>,
  ): Promise<Standing> => {
    const before = ingested.get(key);
    if (!before) return "fresh";
    if (before.etag === etag) return "known";
    const stored = await lake.silver.read(key);
    if ((await sha256Of(stored.body)) !== before.sha256) return "rewritten";
    await warehouse.setEtag(key, stored.etag);
    return "known";
  };

  /** How a pruned object stands to the warehouse, which mostly had it long before. */
  const standingOfPruned = async (
    { info, compacted: { source } }: PrunedSilver,
    ingested: ReadonlyMap<string, IngestedObject>,
  ): Promise<Standing> => {
    const before = ingested.get(info.key);
    if (before?.etag === info.etag) return "known";
    // One that was cleaned again is found as CSV.
    if (await lake.silver.stat(info.key)) return "known";
    if (!before) return "fresh";
    if (before.sha256 !== source.sha256) return "rewritten";
    await warehouse.setEtag(info.key, info.etag);
    return "known";
  };

  /** A list that cannot be read keeps nothing else out: the warehouse most likely has its objects. */
  const warned = (error: unknown): PrunedSilver[] => {
    if (!(error instanceof IngotError) || error.code !== "silver_invalid") throw error;
    if (!said.has(error.message)) logger.warn(error.message);
    said.add(error.message);
    return [];
  };

  /** How the objects stand that were pruned in a day, if this is a list of them that was not looked at yet. */
  const standingsOfPruned = async (
    info: ObjectInfo,
    ingested: ReadonlyMap<string, IngestedObject>,
  ): Promise<Found[]> => {
    const place = prunedDay(info.key) ?? sourcesDay(info.key);
    if (!place || prunedBefore.get(info.key) === info.etag) return [];
    const found: Found[] = [];
    for (const silver of await prunedObjectsOf(lake.silver, place).catch(warned)) {
      const standing = await standingOfPruned(silver, ingested);
      if (standing !== "known") found.push({ silver, standing });
    }
    if (found.length === 0) prunedBefore.set(info.key, info.etag);
    return found;
  };

  const find: SilverFinder["find"] = async () => {
    const ingested = await warehouse.ingestedObjects();
    const isEmptied = ingested.size < known;
    known = ingested.size;
    if (isEmptied) prunedBefore.clear();
    const fresh = new Map<string, ListedSilver>();
    for await (const chunk of scanner.look(isEmptied)) {
      for (const info of chunk) {
        const silver = recognise(info);
        const found = silver
          ? [{ silver, standing: await standingOf(info, ingested) }]
          : await standingsOfPruned(info, ingested);
        const rewritten = found.find(({ standing }) => standing === "rewritten");
        if (rewritten) {
          const { key } = rewritten.silver.info;
          logger.warn({ key }, "silver object was rewritten; filling the warehouse anew");
          return { fresh: [], isRewritten: true };
        }
        const news = found.filter(({ standing }) => standing === "fresh");
        for (const { silver: listed } of news) fresh.set(listed.info.key, listed);
        if (news.length === 0) scanner.settle(info);
      }
    }
    return { fresh: [...fresh.values()], isRewritten: false };
  };

  const all: SilverFinder["all"] = async () => {
    const listed: (ListedSilver & { info: ObjectInfo })[] = [];
    const days: DatasetDay[] = [];
    for await (const info of ecommerceObjects(lake.silver)) {
      const silver = recognise(info);
      if (silver) listed.push(silver);
      const day = sourcesDay(info.key);
      if (day) days.push(day);
    }
    return withCompacted(lake.silver, listed, days);
  };
  return { find, all, settle: ({ info }) => scanner.settle(info), hint: (key) => scanner.hint(key) };
}
