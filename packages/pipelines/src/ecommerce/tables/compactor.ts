import {
  type Clock,
  IngotError,
  type Logger,
  NO_METER,
  type ObjectInfo,
  type ObjectStore,
  type OpenMeter,
  type PassFailure,
} from "@ingot/common";
import { type DuckDbOptions, type DuckDbSession, openDuckDb } from "@ingot/engine";
import { DATASETS, type DatasetName, datasetOfSilver } from "../datasets.ts";
import { type CompactedDay, compactDay, type SilverDay } from "./compact-day.ts";
import { compactedDay, compactedKey, compactedPrefix, dayFolder, digestOf } from "./compacted-object.ts";

export interface CompactorOptions {
  silver: ObjectStore;
  /** Milliseconds for which a day's objects must have been left alone; 0 to compact every day that is over. */
  quietMs: number;
  clock: Clock;
  logger: Logger;
  duckDb?: DuckDbOptions;
  /** Shows how many of the days are done, where somebody watches. */
  meter?: OpenMeter;
}

export interface CompactionReport {
  days: CompactedDay[];
  /** Days that are compacted already. */
  upToDate: number;
  /** Days that could not be compacted; the others were. */
  failures: PassFailure[];
}

export interface Compactor {
  /**
   * Compacts every finished day of silver that has no Parquet file, or one that is out of date. Objects stay as they are.
   *
   * @throws IngotError of the storage, where it is no day's own failure; the signal's reason
   */
  pass(signal: AbortSignal, onDay?: (day: CompactedDay) => void): Promise<CompactionReport>;
}

/** A shop that closes at midnight may deliver the day's last file somewhat later, and clocks differ. */
const MARGIN_MS = 2 * 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** Failures of one day; anything else is the storage's, and would be the same for all. */
const OWN_FAILURES = ["object_changed", "object_missing", "silver_invalid", "query_failed"];

export function createCompactor(options: CompactorOptions): Compactor {
  const { silver, clock, logger, quietMs } = options;
  /** What compacted objects hold, by key: objects do not change without their ETag. */
  const digests = new Map<string, { etag: string; digest: string | undefined }>();

  const digestIn = async ({ key, etag }: ObjectInfo): Promise<string | undefined> => {
    const known = digests.get(key);
    if (known?.etag === etag) return known.digest;
    const stored = await silver.stat(key);
    const digest = stored?.metadata.sources_sha256;
    if (stored?.etag === etag) digests.set(key, { etag, digest });
    return digest;
  };

  const isFinished = ({ day, objects }: SilverDay): boolean => {
    const now = clock.now().getTime();
    if (now < Date.parse(day) + DAY_MS + MARGIN_MS) return false;
    // A time in the future is a wrong clock, not a young object.
    const isYoung = (ageMs: number): boolean => ageMs >= 0 && ageMs < quietMs;
    return !objects.some(({ modified }) => isYoung(now - modified.getTime()));
  };

  const pass: Compactor["pass"] = async (signal, onDay = () => undefined) => {
    const report: CompactionReport = { days: [], upToDate: 0, failures: [] };
    const due: Pick<SilverDay, "dataset" | "day">[] = [];
    for await (const day of silverDays(silver)) {
      signal.throwIfAborted();
      if (!isFinished(day)) continue;
      if (day.compacted && (await digestIn(day.compacted)) === digestOf(day.objects)) report.upToDate += 1;
      else due.push({ dataset: day.dataset, day: day.day });
    }
    const work = { title: "compacting", unit: "days", total: due.length } as const;
    const meter = (options.meter ?? NO_METER)(work);
    let session: DuckDbSession | undefined;
    try {
      for (const { dataset, day: date } of due) {
        signal.throwIfAborted();
        const day = await silverDay(silver, dataset, date);
        session ??= await openDuckDb(options.duckDb);
        try {
          const compacted = await compactDay(silver, day, session, signal);
          report.days.push(compacted);
          logger.info({ ...compacted }, "compacted");
          onDay(compacted);
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof IngotError) || !OWN_FAILURES.includes(error.code)) throw error;
          report.failures.push({ key: `${dataset}/dt=${date}/`, error });
        }
        meter.add(1);
      }
      return report;
    } finally {
      meter.close();
      await session?.close();
    }
  };
  return { pass };
}

/**
 * The days of silver with their objects, one dataset after the other, a day's objects in memory at a time. A day whose
 * objects are all gone but whose Parquet file is not is a day too, of no objects.
 */
async function* silverDays(silver: ObjectStore): AsyncGenerator<SilverDay> {
  for (const dataset of Object.keys(DATASETS) as DatasetName[]) {
    const compacted = new Map<string, ObjectInfo>();
    for await (const info of silver.list({ prefix: compactedPrefix(dataset) })) {
      const place = compactedDay(info.key);
      if (place) compacted.set(place.day, info);
    }
    const take = (day: string): ObjectInfo | undefined => {
      const found = compacted.get(day);
      compacted.delete(day);
      return found;
    };
    let current: { day: string; objects: ObjectInfo[] } | undefined;
    for await (const info of silver.list({ prefix: `${dataset}/dt=` })) {
      const day = dayFolder(info.key)?.day;
      if (day === undefined || datasetOfSilver(info.key)?.name !== dataset) continue;
      if (current && current.day !== day) yield { dataset, ...current, compacted: take(current.day) };
      if (current?.day !== day) current = { day, objects: [] };
      current.objects.push(info);
    }
    if (current) yield { dataset, ...current, compacted: take(current.day) };
    for (const [day, info] of compacted) yield { dataset, day, objects: [], compacted: info };
  }
}

/** One day of silver with its objects, as it is now. */
async function silverDay(silver: ObjectStore, dataset: DatasetName, day: string): Promise<SilverDay> {
  const objects: ObjectInfo[] = [];
  for await (const info of silver.list({ prefix: `${dataset}/dt=${day}/` })) {
    if (datasetOfSilver(info.key)?.name === dataset) objects.push(info);
  }
  return { dataset, day, objects, compacted: await silver.stat(compactedKey(dataset, day)) };
}
