import { createHash } from "node:crypto";
import { COMPACTED_FOLDER, compareKeys, type ObjectMetadata } from "@ingot/common";
import type { DatasetName } from "../datasets.ts";

/**
 * Counts up with every change of what a compacted object holds; others are made anew. A pruned day cannot be made anew:
 * whoever changes this has to read the old form as well.
 */
const FORMAT = "1";

/** The name under which Parquet's own key-value metadata holds the sources. */
export const SOURCES_ENTRY = "ingot_sources";

/** A silver object whose rows are in a compacted one. */
export interface CompactedSource {
  key: string;
  etag: string;
  rows: number;
}

/** Where the Parquet file of a dataset and day lies. */
export const compactedKey = (dataset: DatasetName, day: string): string =>
  `${compactedPrefix(dataset)}dt=${day}/${dataset}.parquet`;

// Readers of Parquet folders pass over names that begin with an underscore.

/** Where the list of its sources lies. */
export const sourcesKey = (dataset: DatasetName, day: string): string =>
  `${compactedPrefix(dataset)}dt=${day}/_sources.json.gz`;

/**
 * Where an object lies that says: a source whose CSV object is not there was pruned. Without it, the source was taken out
 * of silver, and its rows count no more. Only who prunes writes it, and nobody removes it.
 */
export const prunedKey = (dataset: DatasetName, day: string): string =>
  `${compactedPrefix(dataset)}dt=${day}/_pruned`;

export const compactedPrefix = (dataset: DatasetName): string => `${COMPACTED_FOLDER}${dataset}/`;

const DAY = "(customers|orders|clicks)/dt=(\\d{4}-\\d{2}-\\d{2})/";
const COMPACTED = new RegExp(`^${COMPACTED_FOLDER}${DAY}\\1\\.parquet$`);
const PRUNED = new RegExp(`^${COMPACTED_FOLDER}${DAY}_pruned$`);
const SOURCES = new RegExp(`^${COMPACTED_FOLDER}${DAY}_sources\\.json\\.gz$`);
const OWN = new RegExp(`^${COMPACTED_FOLDER}${DAY}(\\1\\.parquet|_sources\\.json\\.gz|_pruned)$`);
const DAY_FOLDER = new RegExp(`^${DAY}`);

/** A day of a dataset. */
export interface DatasetDay {
  dataset: DatasetName;
  /** `yyyy-MM-dd` */
  day: string;
}

/** Dataset and day of a compacted object; `undefined` for every other silver object. */
export function compactedDay(silverKey: string): DatasetDay | undefined {
  return dayOf(COMPACTED.exec(silverKey));
}

/** Dataset and day of an object that says that a day was pruned; `undefined` for every other silver object. */
export function prunedDay(silverKey: string): DatasetDay | undefined {
  return dayOf(PRUNED.exec(silverKey));
}

/** Dataset and day of a compacted object's list of sources; `undefined` for every other silver object. */
export function sourcesDay(silverKey: string): DatasetDay | undefined {
  return dayOf(SOURCES.exec(silverKey));
}

/** True for every object that compaction has written. */
export const isCompactors = (silverKey: string): boolean => OWN.test(silverKey);

/** Dataset and day of the folder that a silver object lies in; `undefined` where its folder is none of a day. */
export function dayFolder(silverKey: string): DatasetDay | undefined {
  return dayOf(DAY_FOLDER.exec(silverKey));
}

function dayOf(match: RegExpExecArray | null): DatasetDay | undefined {
  const [, dataset, day = ""] = match ?? [];
  const isReal = !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
  return dataset !== undefined && isReal ? { dataset: dataset as DatasetName, day } : undefined;
}

/** A text that is the same for the same sources, whatever their order. */
export function digestOf(sources: readonly Pick<CompactedSource, "key" | "etag">[]): string {
  const hash = createHash("sha256").update(FORMAT);
  for (const { key, etag } of [...sources].sort((a, b) => compareKeys(a.key, b.key))) {
    hash.update(`\0${key}\0${etag}`);
  }
  return hash.digest("hex");
}

/** What a compacted object's metadata tells: an object's own is too small for the list of its sources. */
export function compactedMetadata(sources: readonly CompactedSource[]): ObjectMetadata {
  const rows = sources.reduce((sum, source) => sum + source.rows, 0);
  return { sources: String(sources.length), sources_sha256: digestOf(sources), rows: String(rows) };
}

/** The sources as Parquet's key-value metadata has them. */
export const sourcesToJson = (sources: readonly CompactedSource[]): string =>
  JSON.stringify({ format: FORMAT, sources });

/** The inverse of `sourcesToJson`; `undefined` for what another program or version wrote. */
export function sourcesFromJson<Source extends CompactedSource>(
  text: string,
  isSource: (value: unknown) => value is Source,
): Source[] | undefined {
  try {
    const { format, sources } = JSON.parse(text);
    const isOurs = format === FORMAT && Array.isArray(sources) && sources.every(isSource);
    return isOurs ? sources : undefined;
  } catch {
    return undefined;
  }
}

export function isCompactedSource(value: unknown): value is CompactedSource {
  const { key, etag, rows } = (value ?? {}) as Partial<CompactedSource>;
  return typeof key === "string" && typeof etag === "string" && typeof rows === "number";
}
