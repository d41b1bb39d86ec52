import { createHash } from "node:crypto";
import { COMPACTED_FOLDER, compareKeys, type ObjectMetadata } from "@ingot/common";
import type { DatasetName } from "../datasets.ts";

/** Counts up with every change of what a compacted object holds; others are made anew. */
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

export const compactedPrefix = (dataset: DatasetName): string => `${COMPACTED_FOLDER}${dataset}/`;

const COMPACTED = new RegExp(
  `^${COMPACTED_FOLDER}(customers|orders|clicks)/dt=(\\d{4}-\\d{2}-\\d{2})/\\1\\.parquet$`,
);
const DAY_FOLDER = /^(customers|orders|clicks)\/dt=(\d{4}-\d{2}-\d{2})\//;

/** Dataset and day of a compacted object; `undefined` for every other silver object. */
export function compactedDay(silverKey: string): { dataset: DatasetName; day: string } | undefined {
  return dayOf(COMPACTED.exec(silverKey));
}

/** Dataset and day of the folder that a silver object lies in; `undefined` where its folder is none of a day. */
export function dayFolder(silverKey: string): { dataset: DatasetName; day: string } | undefined {
  return dayOf(DAY_FOLDER.exec(silverKey));
}

function dayOf(match: RegExpExecArray | null): { dataset: DatasetName; day: string } | undefined {
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
export function sourcesFromJson(text: string): CompactedSource[] | undefined {
  try {
    const { format, sources } = JSON.parse(text);
    const isOurs = format === FORMAT && Array.isArray(sources) && sources.every(isSource);
    return isOurs ? sources : undefined;
  } catch {
    return undefined;
  }
}

function isSource(value: unknown): value is CompactedSource {
  const { key, etag, rows } = (value ?? {}) as Partial<CompactedSource>;
  return typeof key === "string" && typeof etag === "string" && typeof rows === "number";
}
