import { type CommandContext, inParallel, type Lake } from "@ingot/common";
import { bronzeKey, DATASETS, type DatasetName, quarantineKey, silverKey } from "@ingot/pipelines";
import { countInBody, mayNamePerson, type Search } from "./bronze.ts";
import { type CompactedDay, compactedDaysOf } from "./compacted.ts";
import { addObject, type Counts, noCounts } from "./counts.ts";
import { unlessGone } from "./find-person.ts";
import { type Listed, type ListedLake, PARALLEL } from "./listed-lake.ts";
import { countRejections } from "./quarantine.ts";
import { countRows } from "./silver.ts";

/** What has to be changed for a person. */
export interface Plan {
  /** Bronze objects that name the person. */
  bronze: readonly Listed[];
  /** Silver and quarantine objects that do and whose bronze object is gone. */
  orphans: { silver: readonly Listed[]; quarantine: readonly Listed[] };
  days: readonly CompactedDay[];
  counts: Counts;
  /** Records that keep the e-mail address in a field that gold is made of. */
  left: number;
  /** Bronze objects that are no input and name the person: nobody but their owner can judge them. */
  foreign: readonly string[];
}

type Searching = Pick<CommandContext, "signal" | "meter">;

/**
 * Looks everywhere for the person. Changes nothing.
 *
 * @param begun bronze keys of an attempt before, whose silver may still be as it was
 * @throws IngotError `incomplete` for an object that the person cannot be taken out of; of the storage
 */
export async function planFor(
  lake: Lake,
  listed: ListedLake,
  search: Search,
  begun: readonly string[],
  { signal, meter: open }: Searching,
): Promise<Plan> {
  const counts = noCounts();
  const bronzeObjects = [...listed.bronze.values()];
  const { silver, quarantine } = listed.orphans;
  const total = bronzeObjects.length + listed.unrecognised.length + silver.length + quarantine.length;
  const meter = open({ title: "searching", unit: "objects", total });
  /** Those of the objects that have something of the person. */
  const having = async <T>(objects: readonly T[], look: (object: T) => Promise<boolean | undefined>) => {
    const found = await inParallel(objects, PARALLEL, async (object): Promise<T[]> => {
      signal.throwIfAborted();
      const has = await unlessGone(() => look(object));
      meter.add(1);
      return has ? [object] : [];
    });
    return found.flat();
  };
  try {
    let left = 0;
    const bronze = await having(bronzeObjects, async ({ info: { key }, dataset }) => {
      const isCandidate = await mayNamePerson((await lake.bronze.read(key)).body, search.text);
      if (!isCandidate) return false;
      const forgotten = await countInBody((await lake.bronze.read(key)).body, key, search);
      addObject(counts.bronze, dataset.name, forgotten.records + forgotten.pieces);
      left += forgotten.left;
      return forgotten.records + forgotten.pieces > 0;
    });
    const foreign = await having(listed.unrecognised, async ({ key }) => {
      const isNamed = (bytes: Buffer): boolean => search.text.isNamedIn(bytes);
      return mayNamePerson((await lake.bronze.read(key)).body, search.text, isNamed);
    });
    const orphans = {
      silver: await having(silver, async ({ info: { key }, dataset: { name } }) => {
        const rows = await countRows((await lake.silver.read(key)).body, name, search);
        addObject(counts.silver, name, rows);
        return rows > 0;
      }),
      quarantine: await having(quarantine, async ({ info: { key }, dataset: { name } }) => {
        const records = await countRejections((await lake.quarantine.read(key)).body, name, search);
        addObject(counts.quarantine, name, records);
        return records > 0;
      }),
    };
    const days = await compactedDaysOf(lake.silver, search, signal);
    counts.parquet = days.length;
    const affected = withBegun(bronze, [...begun, ...sourcesOf(days)], listed);
    await countDerived(lake, affected, days, search, counts);
    return { bronze: affected, orphans, days, counts, left, foreign: foreign.map(({ key }) => key) };
  } finally {
    meter.close();
  }
}

/** The bronze keys that rows in Parquet files come from. */
const sourcesOf = (days: readonly CompactedDay[]): string[] =>
  days.flatMap(({ dataset, rows }) => [...rows.keys()].map((key) => bronzeKey(DATASETS[dataset], key)));

function withBegun(found: readonly Listed[], keys: readonly string[], { bronze }: ListedLake): Listed[] {
  const all = new Map(found.map((object) => [object.info.key, object]));
  for (const key of keys) {
    const object = bronze.get(key);
    if (object) all.set(key, object);
  }
  return [...all.values()];
}

/** Counts what silver and quarantine have of the person that can be made anew from bronze, and what is pruned. */
async function countDerived(
  { silver, quarantine }: Lake,
  bronze: readonly Listed[],
  days: readonly CompactedDay[],
  search: Search,
  counts: Counts,
): Promise<void> {
  const compacted = new Map(
    days.flatMap(({ dataset, rows }) => [...rows].map(([key, count]) => [key, { dataset, count }])),
  );
  const addRows = (dataset: DatasetName, key: string, rows: number | undefined): void =>
    addObject(counts.silver, dataset, rows ?? compacted.get(key)?.count ?? 0);
  const seen = new Set<string>();
  await inParallel(bronze, PARALLEL, async ({ info, dataset }) => {
    const target = silverKey(dataset, info.key);
    seen.add(target);
    addRows(
      dataset.name,
      target,
      await unlessGone(async () => countRows((await silver.read(target)).body, dataset.name, search)),
    );
    const rejected = quarantineKey(info.key);
    const records = await unlessGone(async () =>
      countRejections((await quarantine.read(rejected)).body, dataset.name, search),
    );
    addObject(counts.quarantine, dataset.name, records ?? 0);
  });
  for (const [key, { dataset, count }] of compacted) {
    if (!seen.has(key) && !(await silver.stat(key))) addObject(counts.silver, dataset, count);
  }
}
