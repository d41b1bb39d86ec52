import { type CommandContext, IngotError, type Lake, productVersion } from "@ingot/common";
import type { Search } from "./bronze.ts";
import type { Subject } from "./find-person.ts";
import { type Intention, removeIntention } from "./intention.ts";
import { goOn } from "./layers.ts";
import { deleteOlderVersions } from "./older-versions.ts";
import type { Plan } from "./plan.ts";
import { doneLines, toDoLines } from "./report.ts";
import { emptyQueryCache, forgetInWarehouse } from "./warehouse.ts";

/** What killed writers left behind may name the person; nobody pauses for so long who still writes. */
const LEFTOVER_MS = 60 * 60_000;

/**
 * Takes the person out of everything that is not the layers themselves, records that it was done, and removes what was
 * noted down for it.
 *
 * @throws IngotError `incomplete` with what is left to do; the notes stay then
 */
export async function finish(
  lake: Lake,
  {
    subject,
    intention,
    plan,
    search,
  }: { subject: Subject; intention: Intention; plan: Plan; search: Search },
  context: CommandContext,
): Promise<void> {
  const { signal, print, clock, settings } = context;
  goOn(signal);
  const warehouse = await forgetInWarehouse(lake, search, context);
  if (settings.lakeUrl.protocol !== "file:") await emptyQueryCache();
  const older = await deleteOlderVersions(lake, search, { signal, isTrial: false });
  await lake.removeLeftovers({ olderThanMs: LEFTOVER_MS });
  for (const line of doneLines(intention, plan, older, warehouse)) print(line);
  const toDo = toDoLines(plan, older, warehouse);
  if (toDo.length > 0) {
    const lines = ["Left to do, then run it again:", ...toDo.map((line) => `  ${line}`)];
    throw new IngotError("incomplete", lines.join("\n"));
  }
  await writeRecord(lake, intention, clock.now());
  await removeIntention(lake, subject.text);
  print(`Recorded in gold/${intention.record}`);
}

/** That it was done, without anything that leads to the person: not for whoever knows their id or address either. */
async function writeRecord({ gold }: Lake, { begunAt, record, counts }: Intention, now: Date): Promise<void> {
  const content = { begun_at: begunAt, done_at: now.toISOString(), version: productVersion(), ...counts };
  await gold.write(record, Buffer.from(`${JSON.stringify(content, undefined, 2)}\n`), {
    contentType: "application/json",
  });
}
