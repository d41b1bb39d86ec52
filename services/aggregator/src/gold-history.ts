import {
  compareKeys,
  IngotError,
  type ObjectMetadata,
  type ObjectStore,
  sha256Of,
  timestamp,
} from "@ingot/common";
import { latestKey } from "@ingot/pipelines";
import type { RenderedKpi } from "./render.ts";

const CSV = { contentType: "text/csv; charset=utf-8" };

/** Two versions within one second are told apart by a number: `-2`, `-3`, … */
const VERSION = /^(\d{8}T\d{6})(?:-(\d+))?\.csv$/;
const MOST_VERSIONS_A_SECOND = 1000;

/** A file of which gold keeps versions, in a folder of its own. */
export interface VersionedFile extends Pick<RenderedKpi, "bytes" | "sha256"> {
  /** The folder; its last part begins the names of the versions. */
  name: string;
  /** Kept with each version. */
  metadata?: ObjectMetadata;
}

/**
 * The key under which history holds this content: the newest version where it is that already (a writer may have been
 * killed before it came to `latest/`), else a new one, which is written.
 */
export async function keepVersion(gold: ObjectStore, file: VersionedFile, now: Date): Promise<string> {
  const newest = (await versions(gold, file.name)).at(-1)?.key;
  if (newest !== undefined && (await hashAt(gold, newest)) === file.sha256) return newest;
  const stem = `${stemOf(file.name)}${timestamp(now)}`;
  for (let number = 1; number <= MOST_VERSIONS_A_SECOND; number += 1) {
    const key = `${stem}${number === 1 ? "" : `-${number}`}.csv`;
    const { metadata = {} } = file;
    const { created } = await gold.write(key, file.bytes, { ...CSV, metadata, ifAbsent: true });
    if (created || (await hashAt(gold, key)) === file.sha256) return key;
  }
  throw new IngotError(
    "invalid_key",
    `${stem}.csv: too many versions within one second. Raise POLL_INTERVAL.`,
  );
}

export async function writeLatest(gold: ObjectStore, kpi: RenderedKpi): Promise<void> {
  await gold.write(latestKey(kpi.name), kpi.bytes, CSV);
}

export interface Pruning {
  /** So many of the newest versions stay. */
  keep: number;
  /** Versions written before this instant, in milliseconds since 1970, go too. */
  writtenBefore: number;
  /** The version that the manifest names: it stays whatever its age. */
  current: string;
}

/** Deletes versions that are too many or too old: never the one that is current, nor the newest, which may become it. */
export async function pruneVersions(
  gold: ObjectStore,
  name: string,
  { keep, writtenBefore, current }: Pruning,
): Promise<void> {
  const all = await versions(gold, name);
  const surplus = all
    .slice(0, -1)
    .filter(({ writtenMs }, index) => index < all.length - keep || writtenMs < writtenBefore);
  for (const { key } of surplus) if (key !== current) await gold.delete(key);
}

interface Version {
  key: string;
  /** Milliseconds since 1970, by its name or by the storage, whichever is later: two clocks may differ. */
  writtenMs: number;
}

/** How the keys of a file's versions begin. */
const stemOf = (name: string): string => `${name}/${name.split("/").at(-1)}_`;

/** A file's versions, oldest first. Other objects in its folder are somebody else's. */
async function versions(gold: ObjectStore, name: string): Promise<Version[]> {
  const prefix = stemOf(name);
  const found: (Version & { time: string; number: number })[] = [];
  for await (const { key, modified } of gold.list({ prefix })) {
    const [, time, number = "1"] = VERSION.exec(key.slice(prefix.length)) ?? [];
    if (time === undefined) continue;
    const writtenMs = Math.max(modified.getTime(), instantOf(time) || 0);
    found.push({ key, time, number: Number(number), writtenMs });
  }
  return found.sort((a, b) => compareKeys(a.time, b.time) || a.number - b.number);
}

/** Milliseconds since 1970 of the instant in a version's name; NaN for one that no calendar has. */
function instantOf(time: string): number {
  return Date.parse(time.replace(/(....)(..)(..)T(..)(..)(..)/, "$1-$2-$3T$4:$5:$6Z"));
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
