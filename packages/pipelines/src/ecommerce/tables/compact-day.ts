import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import {
  compareKeys,
  IngotError,
  inParallel,
  type ObjectInfo,
  type ObjectStore,
  sha256Of,
} from "@ingot/common";
import { type DuckDbSession, type LocalFile, LocalObjects } from "@ingot/engine";
import { countsFromMetadata } from "../clean-counts.ts";
import { bronzeKey, DATASETS } from "../datasets.ts";
import { type CompactedBefore, compactedBefore } from "./compacted-before.ts";
import {
  type CompactedSource,
  compactedKey,
  compactedMetadata,
  type DatasetDay,
} from "./compacted-object.ts";
import { withDayFolder } from "./day-folder.ts";
import { dropAdded, loadCsv, writeDay } from "./day-rows.ts";
import { type DaySource, writeDaySources } from "./day-sources.ts";
import { checkCsvFile } from "./silver-rows.ts";

/** A day of a dataset, as a listing shows it. */
export interface SilverDay extends DatasetDay {
  /** The CSV objects in the day's folder. */
  objects: readonly ObjectInfo[];
  /** The day's compacted object, where there is one. */
  compacted?: ObjectInfo | undefined;
  /** The list of its sources. */
  list?: ObjectInfo | undefined;
  /** True where a source of the compacted object whose CSV object is not there was pruned. */
  isPruned: boolean;
}

export interface CompactOptions {
  session: DuckDbSession;
  signal?: AbortSignal | undefined;
}

export interface CompactedDay {
  key: string;
  objects: number;
  rows: number;
  /** Of the Parquet file. */
  bytes: number;
}

/** So long after a day was listed its Parquet file may be begun to be written, at most. */
export const WRITTEN_WITHIN_MS = 20 * 60_000;

/**
 * Writes one day of a dataset as one Parquet file: the silver columns with their types, `bronze_key` and `position` (from
 * 1 on, in the silver object), sorted, zstd. Where there is one already, only what changed since is read from CSV.
 *
 * The file is written whole and names the ETag of each object that it holds; then comes the list of the objects with all
 * that is known of them. Killed, or run twice at once, it leaves nothing that readers could take for more than it is.
 *
 * @throws IngotError `object_changed`, `object_missing` where an object changed meanwhile; `silver_invalid`; of the storage
 */
export async function compactDay(
  silver: ObjectStore,
  day: SilverDay,
  { session, signal }: CompactOptions,
): Promise<CompactedDay> {
  const deadline = performance.now() + WRITTEN_WITHIN_MS;
  return withDayFolder(session, async (folder) => {
    try {
      const target = path.join(folder, "compacted.parquet");
      const local = new LocalObjects(folder);
      const before = await compactedBefore(silver, day, { local, session, signal });
      const fresh = await loadFresh(silver, day, before, { local, session, signal });
      const sources = [...before.sources, ...fresh].sort((a, b) => compareKeys(a.key, b.key));
      await session.run(writeDay(day.dataset, before, sources, target), { signal });
      const { size } = await stat(target);
      const key = compactedKey(day.dataset, day.day);
      signal?.throwIfAborted();
      await silver.write(key, untilDeadline(createReadStream(target), deadline, key), {
        metadata: compactedMetadata(sources),
        contentType: "application/vnd.apache.parquet",
      });
      await writeDaySources(silver, day, sources);
      const rows = sources.reduce((sum, source) => sum + source.rows, 0);
      return { key, objects: sources.length, rows, bytes: size };
    } finally {
      await dropAdded(session);
    }
  });
}

/**
 * The same body, which fails after the deadline: by then others may take the storage's file for the last one, and prune
 * what this one does not know of.
 */
async function* untilDeadline(
  body: AsyncIterable<Uint8Array>,
  deadline: number,
  key: string,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (performance.now() > deadline) {
      const minutes = WRITTEN_WITHIN_MS / 60_000;
      const text = `${key} took more than ${minutes} minutes to make; what it was made of may be out of date.`;
      throw new IngotError("object_changed", text, { context: { layer: "silver", key } });
    }
    yield chunk;
  }
}

/** Loads the rows of the objects that the day's Parquet file does not have as they are now. */
async function loadFresh(
  silver: ObjectStore,
  { dataset, objects }: SilverDay,
  before: CompactedBefore,
  { local, session, signal }: CompactOptions & { local: LocalObjects },
): Promise<DaySource[]> {
  const kept = new Set(before.sources.map(({ key }) => key));
  const added = objects
    .filter(({ key }) => !kept.has(key))
    .map((info) => ({ ...info, bronzeKey: bronzeKey(DATASETS[dataset], info.key) }))
    .sort((a, b) => compareKeys(a.bronzeKey, b.bronzeKey));
  const files = await local.files(silver, added, { signal });
  for (const [at, file] of files.entries()) checkCsvFile(dataset, { ...file, key: added[at]!.key });
  const paths = files.map((file) => file.path);
  const bronzeKeys = added.map((info) => info.bronzeKey);
  const rows = await loadCsv(session, dataset, { paths, bronzeKeys }, signal);
  return inParallel([...added.entries()], PARALLEL, async ([at, { key, etag, size, bronzeKey: source }]) => {
    signal?.throwIfAborted();
    const found = { key, etag, rows: rows.get(source) ?? 0 };
    const metadata = await checkUnchanged(silver, found, files[at]!);
    return { ...found, size, sha256: await sha256Of(createReadStream(files[at]!.path)), metadata };
  });
}

/** Objects looked at at the same time. */
const PARALLEL = 16;

/** Makes sure that what was read is what was listed, and all of it. @returns the object's metadata */
async function checkUnchanged(
  silver: ObjectStore,
  { key, etag, rows }: CompactedSource,
  file: LocalFile,
): Promise<DaySource["metadata"]> {
  // The ETag of one that was fetched was compared then.
  const stored = file.metadata ? { etag, metadata: file.metadata } : await silver.stat(key);
  if (stored?.etag !== etag) {
    throw new IngotError("object_changed", `${key} changed while its day was compacted.`, {
      context: { layer: "silver", key },
    });
  }
  const { kept } = countsFromMetadata(stored.metadata);
  if (kept === undefined || kept === rows) return stored.metadata;
  throw new IngotError(
    "silver_invalid",
    `${key} has ${rows} rows, but its metadata says ${kept}; delete the object, and it is written anew from its source`,
    { context: { layer: "silver", key } },
  );
}
