import { createHash, randomBytes } from "node:crypto";
import {
  type Clock,
  FORGOTTEN_FOLDER,
  IngotError,
  type Lake,
  type ObjectStore,
  readAll,
  timestamp,
} from "@ingot/common";
import type { Person } from "@ingot/pipelines/forgetting";
import type { Counts } from "./counts.ts";

/**
 * What is going to be done for one person. It lies in quarantine from before the first change until all is done: whoever
 * goes on after a kill finds the same pseudonyms, and knows the person when bronze does not any more.
 */
export interface Intention extends Person {
  begunAt: string;
  /** The key in gold of the record that it was done. */
  record: string;
  /** Bronze objects that name the person, or did when it began. */
  bronze: readonly string[];
  /** What there was of the person when it began. */
  counts: Counts;
}

/** @param subject the id or e-mail address that was asked for */
export const intentionKey = (subject: string): string =>
  `${FORGOTTEN_FOLDER}${createHash("sha256").update(subject).digest("hex").slice(0, 32)}.json`;

export const newPseudonym = (): string => `forgotten-${randomBytes(8).toString("hex")}`;

export function newRecordKey(clock: Clock): string {
  return `${FORGOTTEN_FOLDER}${timestamp(clock.now())}_${randomBytes(4).toString("hex")}.json`;
}

/** @throws IngotError of the storage; `incomplete` for one that cannot be read */
export async function readIntention(
  quarantine: ObjectStore,
  subject: string,
): Promise<Intention | undefined> {
  const key = intentionKey(subject);
  try {
    return JSON.parse((await readAll(quarantine, key)).toString("utf8"));
  } catch (error) {
    if (error instanceof IngotError && error.code === "object_missing") return undefined;
    if (error instanceof IngotError) throw error;
    const text = `${key} in quarantine, which says what was begun, cannot be read. Delete it to begin anew.`;
    throw new IngotError("incomplete", text, { cause: error, context: { layer: "quarantine", key } });
  }
}

export async function writeIntention(
  quarantine: ObjectStore,
  subject: string,
  intention: Intention,
): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(intention)}\n`);
  await quarantine.write(intentionKey(subject), bytes, { contentType: "application/json" });
}

/** How many other people were begun with and not finished. */
export async function countOtherIntentions(quarantine: ObjectStore, subject: string): Promise<number> {
  let others = 0;
  for await (const { key } of quarantine.list({ prefix: FORGOTTEN_FOLDER })) {
    if (key !== intentionKey(subject)) others += 1;
  }
  return others;
}

/** Deletes what was to be done, with every version of it, the current one last, and what killed writers left of it. */
export async function removeIntention(
  { quarantine, removeLeftovers }: Pick<Lake, "quarantine" | "removeLeftovers">,
  subject: string,
): Promise<void> {
  const key = intentionKey(subject);
  // Whoever begins with somebody else in this very instant has to begin again.
  await removeLeftovers({ layer: "quarantine", prefix: FORGOTTEN_FOLDER, olderThanMs: 0 });
  if (!quarantine.versions) return quarantine.delete(key);
  const all = (await Array.fromAsync(quarantine.versions.list(key))).filter((version) => version.key === key);
  // A store that keeps no versions knows the one that there is by no name.
  if (all.every(({ id }) => id === "null")) return quarantine.delete(key);
  for (const version of all.sort((a, b) => Number(a.isCurrent) - Number(b.isCurrent)))
    await quarantine.versions.delete(version);
}
