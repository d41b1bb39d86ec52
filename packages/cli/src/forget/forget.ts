import { createCleaner } from "@ingot/cleaner";
import {
  type CommandContext,
  IngotError,
  type Lake,
  messageOf,
  meterObjects,
  productVersion,
} from "@ingot/common";
import { bronzeKey, DATASETS, type DatasetName, dayFolder, silverKey } from "@ingot/pipelines";
import { rewriteObject, type Search, searchFor } from "./bronze.ts";
import { compactAnew, restoreWithoutPerson } from "./compacted.ts";
import { countLines, isNothing } from "./counts.ts";
import { findPerson, type Subject, unlessGone } from "./find-person.ts";
import {
  countOtherIntentions,
  type Intention,
  newRecordKey,
  readIntention,
  removeIntention,
  writeIntention,
} from "./intention.ts";
import { type Listed, type ListedLake, listLake } from "./listed-lake.ts";
import { deleteOlderVersions } from "./older-versions.ts";
import { type Plan, planFor } from "./plan.ts";
import { forgottenRejections, QUARANTINE_TYPE } from "./quarantine.ts";
import { checkSameOptions } from "./same-options.ts";
import { forgottenRows, replaceObject, SILVER_TYPE } from "./silver.ts";
import { emptyQueryCache, forgetInWarehouse } from "./warehouse.ts";

/**
 * Takes a person out of every layer of the lake, and keeps the figures. Killed, it goes on when it is called again.
 *
 * @throws IngotError `object_missing` where nobody is found, `incomplete` where something is left to do
 */
export async function forget(
  lake: Lake,
  subject: Subject,
  isTrial: boolean,
  context: CommandContext,
): Promise<void> {
  const { settings, signal, print } = context;
  const before = await readIntention(lake.quarantine, subject.text);
  const listed = await listLake(lake);
  const { emailHashKey } = settings;
  const person = await findPerson(lake, listed, { subject, emailHashKey, before, signal });
  const search = searchFor(person, settings);
  const plan = await planFor(lake, listed, search, before?.bronze ?? [], context);
  if (isTrial) {
    await tell(lake, plan, search, before, context);
    return;
  }
  if (!before && isNothing(plan.counts)) {
    // Somebody may be known by older versions alone.
    const older = await deleteOlderVersions(lake, search, { signal, isTrial: true });
    if (older.named === 0) throw nobody(lake, subject, listed);
  }
  await checkSameOptions(lake, plan.bronze, context);
  const intention = await begin(lake, subject, person, plan, before, context);
  await forgetInLayers(lake, listed, plan, search, context);
  await finish(lake, subject, intention, plan, search, context);
  const others = await countOtherIntentions(lake.quarantine, subject.text);
  if (others > 0) print(`${others} more that were begun are not finished: run those commands again.`);
}

async function tell(
  lake: Lake,
  { counts, left, foreign }: Plan,
  search: Search,
  before: Intention | undefined,
  { print, signal }: CommandContext,
): Promise<void> {
  const older = await deleteOlderVersions(lake, search, { signal, isTrial: true });
  const isEmpty = isNothing(counts) && older.named === 0 && foreign.length === 0;
  print(isEmpty ? "Nothing names this person." : "Would be made anonymous:");
  for (const line of countLines(counts)) print(line);
  if (older.named > 0) print(`  ${older.named} older versions of objects would be deleted`);
  for (const { layer, error } of older.denied) print(`  ${layer}: ${messageOf(error)}`);
  for (const line of leftLines(left, foreign)) print(line);
  if (before) print(`This was begun on ${before.begunAt} and is not finished.`);
  print("Nothing was changed.");
}

function nobody(lake: Lake, { isEmail }: Subject, { bronze, orphans }: ListedLake): IngotError {
  const objects = bronze.size + orphans.silver.length + orphans.quarantine.length;
  const what = isEmail ? "this e-mail address" : "this customer id";
  return new IngotError(
    "object_missing",
    `Nobody with ${what} was found: ${objects.toLocaleString("en-US")} objects were searched in ${lake.url} (bronze, and what is left in silver and quarantine of raw files that are gone). Check how it is written.`,
  );
}

/** Notes down what is going to be done, before anything is. */
async function begin(
  { quarantine }: Lake,
  subject: Subject,
  person: Search["person"],
  plan: Plan,
  before: Intention | undefined,
  { clock }: CommandContext,
): Promise<Intention> {
  const bronze = new Set([...(before?.bronze ?? []), ...plan.bronze.map(({ info }) => info.key)]);
  const intention: Intention = {
    ...person,
    begunAt: before?.begunAt ?? clock.now().toISOString(),
    record: before?.record ?? newRecordKey(clock),
    bronze: [...bronze],
    counts: before?.counts ?? plan.counts,
  };
  await writeIntention(quarantine, subject.text, intention);
  return intention;
}

async function forgetInLayers(
  lake: Lake,
  listed: ListedLake,
  plan: Plan,
  search: Search,
  context: CommandContext,
): Promise<void> {
  const { signal, meter: open } = context;
  const meter = open({ title: "rewriting", unit: "objects", total: plan.bronze.length });
  try {
    for (const { info } of plan.bronze) {
      goOn(signal);
      await rewriteObject(lake.bronze, info.key, search);
      meter.add(1);
    }
  } finally {
    meter.close();
  }
  await cleanAnew(lake, plan.bronze, context);
  const isGone = ({ dataset, info }: Listed) => !listed.bronze.has(bronzeKey(dataset, info.key));
  for (const object of plan.orphans.silver) {
    goOn(signal);
    if (isGone(object)) await forgetOrphan(lake.silver, object, SILVER_TYPE, search, forgottenRows);
  }
  for (const object of plan.orphans.quarantine) {
    goOn(signal);
    await forgetOrphan(lake.quarantine, object, QUARANTINE_TYPE, search, forgottenRejections);
  }
  await forgetInParquet(lake, listed, plan, search, context);
}

async function forgetOrphan(
  store: Lake["silver"],
  { info: { key }, dataset }: Listed,
  contentType: string,
  search: Search,
  rewrite: (
    body: AsyncIterable<Uint8Array>,
    dataset: DatasetName,
    search: Search,
  ) => AsyncIterable<Uint8Array>,
): Promise<void> {
  await unlessGone(() =>
    replaceObject(store, key, contentType, ({ body }) => rewrite(body, dataset.name, search)),
  );
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
    const { failures } = await cleaner.cleanAnew(
      stale.map(({ info }) => info),
      signal,
    );
    goOn(signal);
    const [first] = failures;
    if (first) throw new IngotError("incomplete", `${first.key}: ${messageOf(first.error)} Run it again.`);
    const fresh: Listed[] = [];
    for (const object of stale) if (!(await isClean(lake, object))) fresh.push(object);
    stale = fresh;
  }
}

/** True where silver was made from the bronze object as it is now, or that is gone. */
async function isClean({ bronze, silver }: Lake, { info: { key }, dataset }: Listed): Promise<boolean> {
  const [raw, cleaned] = await Promise.all([bronze.stat(key), silver.stat(silverKey(dataset, key))]);
  return !raw || cleaned?.metadata.source_etag === raw.etag;
}

async function forgetInParquet(
  lake: Lake,
  { bronze }: ListedLake,
  { days, bronze: rewritten }: Plan,
  search: Search,
  { signal }: CommandContext,
): Promise<void> {
  for (const day of days) {
    goOn(signal);
    const isGone = (key: string): boolean => !bronze.has(bronzeKeyIn(day.dataset, key));
    await restoreWithoutPerson(lake.silver, day, search, isGone);
  }
  const places = new Map<string, { dataset: DatasetName; day: string }>();
  const cleaned = rewritten.flatMap(({ info, dataset }) => dayFolder(silverKey(dataset, info.key)) ?? []);
  for (const { dataset, day } of [...days, ...cleaned]) places.set(`${dataset}/${day}`, { dataset, day });
  goOn(signal);
  await compactAnew(lake.silver, places.values(), signal);
}

/** Everything that is not in the layers themselves, then the record that it was done. */
async function finish(
  lake: Lake,
  subject: Subject,
  intention: Intention,
  { left, foreign }: Plan,
  search: Search,
  context: CommandContext,
): Promise<void> {
  const { signal, print, clock, settings } = context;
  goOn(signal);
  const warehouse = await forgetInWarehouse(lake, search, context);
  if (settings.lakeUrl.protocol !== "file:") await emptyQueryCache();
  const older = await deleteOlderVersions(lake, search, { signal, isTrial: false });
  await lake.removeLeftovers();
  print("Made anonymous:");
  for (const line of countLines(intention.counts)) print(line);
  if (older.named > 0) print(`  ${older.named} older versions of objects deleted for good`);
  if (warehouse.kind === "filled anew") print("The warehouse was filled anew. Gold is as it was.");
  if (warehouse.kind === "elsewhere")
    print(
      "The warehouse is not here: services fill it anew by themselves; where none runs: `ingot aggregate --once`",
    );
  for (const line of leftLines(left, [])) print(line);
  const toDo = [
    ...foreign.map(
      (key) => `bronze/${key} is no input of Ingot's and names the person: delete it, or mend it by hand.`,
    ),
    ...warehouse.putAside.map(
      (file) => `${file} is a warehouse that was put aside and names the person: delete it.`,
    ),
    ...older.denied.map(
      ({ layer, error }) =>
        `Older versions in ${layer} were not looked at, and may name the person: run the same command as administrator of the store. ${messageOf(error)}`,
    ),
  ];
  if (toDo.length > 0) {
    throw new IngotError(
      "incomplete",
      ["Left to do, then run it again:", ...toDo.map((line) => `  ${line}`)].join("\n"),
    );
  }
  await writeRecord(lake, intention, clock.now());
  await removeIntention(lake.quarantine, subject.text);
  print(`Recorded in gold/${intention.record}`);
}

function leftLines(left: number, foreign: readonly string[]): string[] {
  const mentions =
    left === 0
      ? []
      : [
          `${left} records keep the e-mail address in a field that the figures are made of (product, order_id, …).`,
        ];
  return [
    ...mentions,
    ...foreign.map((key) => `bronze/${key} is no input of Ingot's and names the person: left to you.`),
  ];
}

/** That it was done, without anything that leads to the person: not for whoever knows their id or address either. */
async function writeRecord({ gold }: Lake, { begunAt, record, counts }: Intention, now: Date): Promise<void> {
  const content = {
    begun_at: begunAt,
    done_at: now.toISOString(),
    version: productVersion(),
    ...counts,
  };
  await gold.write(record, Buffer.from(`${JSON.stringify(content, undefined, 2)}\n`), {
    contentType: "application/json",
  });
}

function bronzeKeyIn(dataset: DatasetName, key: string): string {
  return bronzeKey(DATASETS[dataset], key);
}

function goOn(signal: AbortSignal): void {
  if (signal.aborted)
    throw new IngotError("incomplete", "Stopped before all was done. Run it again: it goes on.");
}
