import { createCleaner } from "@ingot/cleaner";
import {
  type CommandContext,
  IngotError,
  inParallel,
  type Lake,
  messageOf,
  meterObjects,
} from "@ingot/common";
import {
  bronzeKey,
  DATASETS,
  type DatasetDay,
  type DatasetName,
  dayFolder,
  silverKey,
} from "@ingot/pipelines";
import { rewriteObject, type Search } from "./bronze.ts";
import { compactAnew, restoreWithoutPerson } from "./compacted.ts";
import { unlessGone } from "./find-person.ts";
import { type Listed, type ListedLake, PARALLEL } from "./listed-lake.ts";
import type { Plan } from "./plan.ts";
import { forgottenRejections, QUARANTINE_TYPE } from "./quarantine.ts";
import { forgottenRows, replaceObject, SILVER_TYPE } from "./silver.ts";

/**
 * Takes a person out of bronze, then out of all that is made of it. What is made of bronze follows by cleaning; what
 * has no bronze object any more is rewritten itself.
 *
 * @throws IngotError `incomplete` where it was stopped or something could not be done; of the storage
 */
export async function forgetInLayers(
  lake: Lake,
  listed: ListedLake,
  plan: Plan,
  search: Search,
  context: CommandContext,
): Promise<void> {
  const { signal, settings } = context;
  const meter = context.meter({ title: "rewriting", unit: "objects", total: plan.bronze.length });
  try {
    await inParallel(plan.bronze, settings.cleanerConcurrency, async ({ info }) => {
      goOn(signal);
      await rewriteObject(lake.bronze, info.key, search);
      meter.add(1);
    });
  } finally {
    meter.close();
  }
  await cleanAnew(lake, plan.bronze, context);
  const { silver, quarantine } = plan.orphans;
  await inParallel(silver, settings.cleanerConcurrency, async (object) => {
    goOn(signal);
    await forgetOrphan(lake.silver, object, SILVER_TYPE, (body, name) => forgottenRows(body, name, search));
  });
  await inParallel(quarantine, settings.cleanerConcurrency, async (object) => {
    goOn(signal);
    await forgetOrphan(lake.quarantine, object, QUARANTINE_TYPE, (body, name) =>
      forgottenRejections(body, name, search),
    );
  });
  await forgetInParquet(lake.silver, listed, plan, search, signal);
}

/** @throws IngotError `incomplete` where somebody wants it to stop */
export function goOn(signal: AbortSignal): void {
  if (signal.aborted)
    throw new IngotError("incomplete", "Stopped before all was done. Run it again: it goes on.");
}

async function forgetOrphan(
  store: Lake["silver"],
  { info: { key }, dataset }: Listed,
  contentType: string,
  rewrite: (body: AsyncIterable<Uint8Array>, dataset: DatasetName) => AsyncIterable<Uint8Array>,
): Promise<void> {
  await unlessGone(() => replaceObject(store, key, contentType, ({ body }) => rewrite(body, dataset.name)));
}

/** Cleaners that were at it meanwhile may have read a file before it was rewritten, and write last. */
const CLEANINGS = 3;

async function cleanAnew(lake: Lake, bronze: readonly Listed[], context: CommandContext): Promise<void> {
  const { settings, signal, clock, logger, meter } = context;
  const { businessTimezone, emailHashKey, cleanerConcurrency: concurrency } = settings;
  const cleaner = createCleaner({
    lake,
    businessTimezone,
    emailHashKey,
    concurrency,
    clock,
    logger: logger("cleaner", { usualLevel: "warn" }),
    meter: meterObjects(meter, { title: "cleaning" }),
  });
  let stale = [...bronze];
  for (let round = 1; stale.length > 0; round += 1) {
    if (round > CLEANINGS) throw new IngotError("incomplete", "Silver changes all the time. Run it again.");
    const objects = stale.map(({ info }) => info);
    const [first] = (await cleaner.cleanAnew(objects, signal)).failures;
    goOn(signal);
    if (first) throw new IngotError("incomplete", `${first.key}: ${messageOf(first.error)} Run it again.`);
    const checked = await inParallel(stale, PARALLEL, async (object) =>
      (await isClean(lake, object)) ? [] : [object],
    );
    stale = checked.flat();
  }
}

/** True where silver was made from the bronze object as it is now, or that is gone. */
async function isClean({ bronze, silver }: Lake, { info: { key }, dataset }: Listed): Promise<boolean> {
  const [raw, cleaned] = await Promise.all([bronze.stat(key), silver.stat(silverKey(dataset, key))]);
  return !raw || cleaned?.metadata.source_etag === raw.etag;
}

async function forgetInParquet(
  silver: Lake["silver"],
  { bronze }: ListedLake,
  { days, bronze: rewritten }: Plan,
  search: Search,
  signal: AbortSignal,
): Promise<void> {
  for (const day of days) {
    goOn(signal);
    const isGone = (key: string): boolean => !bronze.has(bronzeKey(DATASETS[day.dataset], key));
    await restoreWithoutPerson(silver, day, search, isGone);
  }
  const cleaned = rewritten.flatMap(({ info, dataset }) => dayFolder(silverKey(dataset, info.key)) ?? []);
  const places = new Map<string, DatasetDay>();
  for (const { dataset, day } of [...days, ...cleaned]) places.set(`${dataset}/${day}`, { dataset, day });
  goOn(signal);
  await compactAnew(silver, places.values(), signal);
}
