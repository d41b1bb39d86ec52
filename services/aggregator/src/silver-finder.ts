import { type Clock, type Lake, LayerScanner, type Logger, type ObjectInfo, sha256Of } from "@ingot/common";
import { compactedDay, datasetOfSilver } from "@ingot/pipelines";
import type { IngestedObject, Warehouse } from "@ingot/warehouse";
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
  const scanner = new LayerScanner(lake.silver, clock);
  const unrecognised = new Set<string>();
  /** How many objects the warehouse had: fewer than before means that it was emptied under us. */
  let known = 0;

  const recognise = (info: ObjectInfo): ListedSilver | undefined => {
    const dataset = datasetOfSilver(info.key);
    if (dataset) return { info, dataset };
    if (!compactedDay(info.key) && !unrecognised.has(info.key)) {
      logger.warn({ key: info.key }, "not written by the cleaner, left alone");
      unrecognised.add(info.key);
    }
    return undefined;
  };

  /** How an object stands to the warehouse; where only its ETag is another, the warehouse learns it. */
  const standing = async (
    { key, etag }: ObjectInfo,
    ingested: ReadonlyMap<string, IngestedObject>,
  ): Promise<"fresh" | "known" | "rewritten"> => {
    const before = ingested.get(key);
    if (!before) return "fresh";
    if (before.etag === etag) return "known";
    const stored = await lake.silver.read(key);
    if ((await sha256Of(stored.body)) !== before.sha256) return "rewritten";
    await warehouse.setEtag(key, stored.etag);
    return "known";
  };

  const find: SilverFinder["find"] = async () => {
    const ingested = await warehouse.ingestedObjects();
    const isEmptied = ingested.size < known;
    known = ingested.size;
    const fresh: ListedSilver[] = [];
    for await (const chunk of scanner.look(isEmptied)) {
      for (const info of chunk) {
        const silver = recognise(info);
        const outcome = silver ? await standing(info, ingested) : "known";
        if (outcome === "rewritten") {
          logger.warn({ key: info.key }, "silver object was rewritten; filling the warehouse anew");
          return { fresh: [], isRewritten: true };
        }
        if (outcome === "known") scanner.settle(info);
        else if (silver) fresh.push(silver);
      }
    }
    return { fresh, isRewritten: false };
  };

  const all: SilverFinder["all"] = async () => {
    const listed: ListedSilver[] = [];
    for await (const info of lake.silver.list()) {
      const silver = recognise(info);
      if (silver) listed.push(silver);
    }
    return listed;
  };
  return { find, all, settle: ({ info }) => scanner.settle(info), hint: (key) => scanner.hint(key) };
}
