import { compareKeys, IngotError, type ObjectStore, sha256Of, timestamp } from "@ingot/common";
import type { RenderedKpi } from "./render.ts";

const CSV = { contentType: "text/csv; charset=utf-8" };

/** Two versions within one second are told apart by a number: `-2`, `-3`, … */
const VERSION = /_(\d{8}T\d{6})(?:-(\d+))?\.csv$/;
const MOST_VERSIONS_A_SECOND = 1000;

/**
 * The key under which history holds this content: the newest version where it is that already (a writer may have been
 * killed before it came to `latest/`), else a new one, which is written.
 */
export async function keepVersion(gold: ObjectStore, kpi: RenderedKpi, now: Date): Promise<string> {
  const newest = (await versions(gold, kpi.name)).at(-1);
  if (newest !== undefined && (await hashAt(gold, newest)) === kpi.sha256) return newest;
  const stem = `${kpi.name}/${kpi.name}_${timestamp(now)}`;
  for (let number = 1; number <= MOST_VERSIONS_A_SECOND; number += 1) {
    const key = `${stem}${number === 1 ? "" : `-${number}`}.csv`;
    const { created } = await gold.write(key, kpi.bytes, { ...CSV, ifAbsent: true });
    if (created || (await hashAt(gold, key)) === kpi.sha256) return key;
  }
  throw new IngotError(
    "invalid_key",
    `${stem}.csv: too many versions within one second. Raise POLL_INTERVAL.`,
  );
}

export async function writeLatest(gold: ObjectStore, kpi: RenderedKpi): Promise<void> {
  await gold.write(latestKey(kpi.name), kpi.bytes, CSV);
}

export const latestKey = (kpi: string): string => `latest/${kpi}.csv`;

/** Deletes all but the newest `keep` versions, and never the one that is `current`. */
export async function pruneVersions(
  gold: ObjectStore,
  kpi: string,
  keep: number,
  current: string,
): Promise<void> {
  const old = (await versions(gold, kpi)).slice(0, -keep);
  for (const key of old) if (key !== current) await gold.delete(key);
}

/** A KPI's versions, oldest first. Other objects in its folder are somebody else's. */
async function versions(gold: ObjectStore, kpi: string): Promise<string[]> {
  const keys: { key: string; time: string; number: number }[] = [];
  for await (const { key } of gold.list({ prefix: `${kpi}/${kpi}_` })) {
    const [, time, number = "1"] = VERSION.exec(key) ?? [];
    if (time !== undefined) keys.push({ key, time, number: Number(number) });
  }
  return keys.sort((a, b) => compareKeys(a.time, b.time) || a.number - b.number).map(({ key }) => key);
}

/** The SHA-256 of a gold object; `undefined` where it is gone. */
export async function hashAt(gold: ObjectStore, key: string): Promise<string | undefined> {
  try {
    return await sha256Of((await gold.read(key)).body);
  } catch (error) {
    if (error instanceof IngotError && error.code === "object_missing") return undefined;
    throw error;
  }
}
