import type { CommandContext, Lake } from "@ingot/common";
import type { Person } from "@ingot/pipelines/forgetting";
import { searchFor } from "./bronze.ts";
import { isNothing } from "./counts.ts";
import { findPerson, type Subject } from "./find-person.ts";
import { finish } from "./finish.ts";
import {
  countOtherIntentions,
  type Intention,
  newRecordKey,
  readIntention,
  writeIntention,
} from "./intention.ts";
import { forgetInLayers } from "./layers.ts";
import { listLake } from "./listed-lake.ts";
import { deleteOlderVersions } from "./older-versions.ts";
import { type Plan, planFor } from "./plan.ts";
import { nobodyFound, othersLines, trialLines } from "./report.ts";
import { checkSameOptions } from "./same-options.ts";

/**
 * Takes a person out of every layer of the lake, and keeps the figures. Killed, it goes on when it is called again.
 *
 * @throws IngotError `object_missing` where nobody is found, `invalid_option` where cleaning would change other people's
 *   rows, `incomplete` where something is left to do
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
  const isKnown = before !== undefined || !isNothing(plan.counts);
  // Somebody may be known by older versions alone.
  const older =
    isTrial || !isKnown ? await deleteOlderVersions(lake, search, { signal, isTrial: true }) : undefined;
  if (!isKnown && older?.named === 0 && plan.foreign.length === 0) throw nobodyFound(lake, subject, listed);
  if (isTrial) {
    for (const line of [...trialLines(plan, older!, before), ...othersLines(listed)]) print(line);
    return;
  }
  await checkSameOptions(lake, plan.bronze, context);
  const intention = intentionFor(person, plan, before, context);
  await writeIntention(lake.quarantine, subject.text, intention);
  await forgetInLayers(lake, listed, plan, search, context);
  await finish(lake, { subject, intention, plan, search }, context);
  for (const line of othersLines(listed)) print(line);
  const others = await countOtherIntentions(lake.quarantine, subject.text);
  if (others > 0) print(`${others} more that were begun are not finished: run those commands again.`);
}

/** What is to be done by now, with what an attempt before has begun. */
function intentionFor(
  person: Person,
  plan: Plan,
  before: Intention | undefined,
  { clock }: CommandContext,
): Intention {
  const bronze = new Set([...(before?.bronze ?? []), ...plan.bronze.map(({ info }) => info.key)]);
  return {
    ...person,
    begunAt: before?.begunAt ?? clock.now().toISOString(),
    record: before?.record ?? newRecordKey(clock),
    bronze: [...bronze],
    counts: before?.counts ?? plan.counts,
  };
}
