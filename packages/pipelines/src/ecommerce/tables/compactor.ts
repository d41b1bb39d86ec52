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
import {
  type CompactedDay,
  type CompactOptions,
  compactDay,
  type SilverDay,
  WRITTEN_WITHIN_MS,
} from "./compact-day.ts";
import { unlessDamaged } from "./compacted-before.ts";
import { type DatasetDay, digestOf } from "./compacted-object.ts";
import { readDaySources } from "./day-sources.ts";
import { type PrunedDay, pruneDay } from "./prune-day.ts";
import { silverDay, silverDays } from "./silver-days.ts";

export interface CompactorOptions {
  silver: ObjectStore;
  /** Milliseconds for which a day's objects must have been left alone; 0 to compact every day that is over. */
  quietMs: number;
  /** What becomes of CSV objects whose rows are in a Parquet file. */
  csv: "keep" | "prune";
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
  pruned: PrunedDay[];
  /** CSV objects that are to be pruned as soon as their Parquet files have been there for `PRUNED_AFTER_MS`. */
  unpruned: number;
  /** Days that could not be compacted or pruned; the others were. */
  failures: PassFailure[];
}

export interface Compactor {
  /**
   * Compacts every finished day of silver that has no Parquet file, or one that is out of date. With `prune` it deletes
   * the CSV objects of days whose Parquet file has been there for `PRUNED_AFTER_MS`.
   *
   * @param onDay told of each day as soon as it is done
   * @throws IngotError of the storage, where it is no day's own failure; the signal's reason
   */
  pass(signal: AbortSignal, onDay?: (day: CompactedDay | PrunedDay) => void): Promise<CompactionReport>;
}

/** A shop that closes at midnight may deliver the day's last file somewhat later, and clocks differ. */
const MARGIN_MS = 2 * 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** By then nobody who has listed the day before its Parquet file was there is still going to write another one. */
export const PRUNED_AFTER_MS = 3 * WRITTEN_WITHIN_MS;

/** Failures of one day; anything else is the storage's, and would be the same for all. */
const OWN_FAILURES = [
  "object_changed",
  "object_missing",
  "silver_invalid",
  "silver_incomplete",
  "query_failed",
];

type Task = "compact" | "prune" | "wait" | "nothing";

export function createCompactor(options: CompactorOptions): Compactor {
  const { silver, clock, logger, quietMs } = options;
  /** What compacted objects and their lists hold, by key: objects do not change without their ETag. */
  const digests = new Map<string, { etag: string; digest: string | undefined }>();
  /** Of pruned days the objects that cannot be made again: to try once is enough. */
  const kept = new Map<string, string>();

  const digestIn = async (info: ObjectInfo | undefined): Promise<string | undefined> => {
    if (!info) return undefined;
    const known = digests.get(info.key);
    if (known?.etag === info.etag) return known.digest;
    const stored = await silver.stat(info.key);
    const digest = stored?.metadata.sources_sha256;
    if (stored?.etag === info.etag) digests.set(info.key, { etag: info.etag, digest });
    return digest;
  };

  const isFinished = ({ day, objects }: SilverDay): boolean => {
    const now = clock.now().getTime();
    if (now < Date.parse(day) + DAY_MS + MARGIN_MS) return false;
    // A time in the future is a wrong clock, not a young object.
    const isYoung = (ageMs: number): boolean => ageMs >= 0 && ageMs < quietMs;
    return !objects.some(({ modified }) => isYoung(now - modified.getTime()));
  };

  const isUpToDate = async (day: SilverDay): Promise<boolean> => {
    const digest = await digestIn(day.compacted);
    if (digest === undefined || digest !== (await digestIn(day.list))) return false;
    if (!day.isPruned) return digest === digestOf(day.objects);
    if (day.objects.length === 0) return true;
    const there = new Set(day.objects.map(({ key }) => key));
    const list = (await unlessDamaged(() => readDaySources(silver, day))) ?? [];
    return digest === digestOf([...day.objects, ...list.filter(({ key }) => !there.has(key))]);
  };

  const taskOf = async (day: SilverDay): Promise<Task> => {
    if (!isFinished(day)) return "nothing";
    if (!(await isUpToDate(day))) return "compact";
    const hasNothing = day.objects.length === 0 || kept.get(nameOf(day)) === digestOf(day.objects);
    if (options.csv === "keep" || hasNothing) return "nothing";
    const age = clock.now().getTime() - day.compacted!.modified.getTime();
    return age >= PRUNED_AFTER_MS ? "prune" : "wait";
  };

  const work = async (
    task: Task,
    day: SilverDay,
    using: CompactOptions,
  ): Promise<CompactedDay | PrunedDay> => {
    if (task === "compact") return compactDay(silver, day, using);
    const pruned = await pruneDay(silver, day, using);
    kept.set(nameOf(day), digestOf(pruned.kept));
    return pruned;
  };

  const pass: Compactor["pass"] = async (signal, onDay = () => undefined) => {
    const report: CompactionReport = { days: [], upToDate: 0, pruned: [], unpruned: 0, failures: [] };
    const due: Record<"compact" | "prune", DatasetDay[]> = { compact: [], prune: [] };
    for await (const day of silverDays(silver)) {
      signal.throwIfAborted();
      const task = await taskOf(day);
      if (task !== "compact" && day.compacted) report.upToDate += 1;
      if (task === "wait" || (task === "compact" && options.csv === "prune"))
        report.unpruned += day.objects.length;
      if (task === "compact" || task === "prune") due[task].push({ dataset: day.dataset, day: day.day });
    }
    const tasks = [
      ...due.compact.map((place) => ({ task: "compact" as const, place })),
      ...due.prune.map((place) => ({ task: "prune" as const, place })),
    ];
    const meter = (options.meter ?? NO_METER)({ title: "compacting", unit: "days", total: tasks.length });
    let session: DuckDbSession | undefined;
    try {
      for (const { task, place } of tasks) {
        signal.throwIfAborted();
        session ??= await openDuckDb(options.duckDb);
        try {
          const done = await work(task, await silverDay(silver, place), { session, signal });
          if ("kept" in done) report.pruned.push(done);
          else report.days.push(done);
          logger.info({ ...done, kept: undefined }, "kept" in done ? "pruned" : "compacted");
          onDay(done);
        } catch (error) {
          signal.throwIfAborted();
          const code = error instanceof IngotError ? error.code : "";
          const isDenied = task === "prune" && code === "storage_denied";
          if (!isDenied && !OWN_FAILURES.includes(code)) throw error;
          report.failures.push({ key: nameOf(place), error });
          // Who may not delete one day's objects may not delete any.
          if (isDenied) break;
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

const nameOf = ({ dataset, day }: DatasetDay): string => `${dataset}/dt=${day}/`;
