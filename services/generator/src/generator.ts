import { UTCDateMini } from "@date-fns/utc";
import { type Clock, type ObjectStore, type PassReport, systemClock } from "@ingot/common";
import { addMilliseconds } from "date-fns/addMilliseconds";
import { startOfDay } from "date-fns/startOfDay";
import { subDays } from "date-fns/subDays";
import { subSeconds } from "date-fns/subSeconds";
import { Span } from "./calendar.ts";
import { createWorld, type Tick, type World, type WorldOptions } from "./world.ts";
import {
  addReport,
  bronzeKeyAt,
  nothingWritten,
  readIfAllowed,
  WRITING_ORDER,
  type WriteReport,
  writeIfAbsent,
  writeTick,
} from "./write-tick.ts";

const MS_PER_HOUR = 3_600_000;
/** A day's tick comes at 23:59:59 and begins with the day. */
const DAY_SPAN_MS = 24 * MS_PER_HOUR - 1000;
/** A past day has this many times the rows of a tick, more on busy weekdays, less on quiet ones. */
const HISTORY_LOAD = 4;
/** What the first live tick covers; the others cover the time since the one before. */
const FIRST_LIVE_SPAN_MS = 5000;

export const BATCH_START = new Date("2026-01-01T00:00:00Z");
export const BATCH_SPAN_MS = MS_PER_HOUR;

export interface GeneratorOptions extends WorldOptions {
  /** How many past days the live service fills first; 0 for none. */
  historyDays: number;
}

export interface HistoryReport extends WriteReport {
  /** The shop as the past days have left it. */
  world: World;
  /** False where `signal` ended it early. */
  complete: boolean;
}

/**
 * Fills the past: one tick a day at 23:59:59 UTC, oldest first, up to the day before `today`. What exists is left
 * alone, so that a restart fills only days that are missing; the world goes through all days nevertheless.
 * Customers that an existing file does not have (it is another seed's, say) are not taken over.
 *
 * @param today any instant of the first day that is left out
 * @throws IngotError whatever the storage throws
 */
export async function writeHistory(given: {
  bronze: ObjectStore;
  options: GeneratorOptions;
  today: Date;
  signal?: AbortSignal | undefined;
}): Promise<HistoryReport> {
  const { bronze, options, today, signal } = given;
  const world = createWorld(options);
  const report = nothingWritten();
  const midnight = startOfDay(new UTCDateMini(today.getTime()));
  for (let daysAgo = options.historyDays; daysAgo >= 1; daysAgo--) {
    if (signal?.aborted) return { ...report, world, complete: false };
    const at = new Date(subSeconds(subDays(midnight, daysAgo - 1), 1).getTime());
    const load = HISTORY_LOAD * new Span(at, DAY_SPAN_MS).activity;
    addReport(report, await writeMissing(bronze, world, world.tick(at, DAY_SPAN_MS, load)));
  }
  return { ...report, world, complete: true };
}

async function writeMissing(bronze: ObjectStore, world: World, tick: Tick): Promise<WriteReport> {
  const report = nothingWritten();
  for (const dataset of WRITING_ORDER) {
    if (tick.rows[dataset] === 0) continue;
    const key = bronzeKeyAt(dataset, tick.at);
    if (await writeIfAbsent(bronze, key, dataset, tick.files[dataset])) {
      report.written += 1;
      report.rows[dataset] = tick.rows[dataset];
      continue;
    }
    report.existing += 1;
    if (dataset !== "customers") continue;
    const stored = await readIfAllowed(bronze, key);
    if (stored) world.forget(tick.introduced.filter((id) => !stored.includes(id)));
  }
  return report;
}

/**
 * Writes `ticks` ticks on a simulated clock. Repeated with the same arguments it writes nothing new, with
 * more ticks only the further ones.
 *
 * Tick n comes at `start` + n × `spanMs` and covers the time before it: with the defaults, 24 ticks are the 24 hours of
 * the first day. Every tick has the rows of `options.rows`.
 *
 * @param given.start default 2026-01-01T00:00:00Z
 * @param given.spanMs milliseconds from tick to tick, default one hour
 * @param given.onTick called after each tick, with how many are done
 * @throws IngotError whatever the storage throws; `invalid_option` and `usage` as `createWorld` and `World.tick` do
 */
export async function generateBatch(given: {
  bronze: ObjectStore;
  options: WorldOptions;
  ticks: number;
  start?: Date | undefined;
  spanMs?: number | undefined;
  signal?: AbortSignal | undefined;
  onTick?: ((done: number) => void) | undefined;
}): Promise<WriteReport> {
  const { bronze, options, ticks, start = BATCH_START, spanMs = BATCH_SPAN_MS } = given;
  const world = createWorld(options);
  const report = nothingWritten();
  for (let done = 1; done <= ticks && !given.signal?.aborted; done++) {
    const at = addMilliseconds(start, done * spanMs);
    addReport(report, await writeTick(bronze, world.tick(at, spanMs)));
    given.onTick?.(done);
  }
  return report;
}

export interface GeneratorReport extends PassReport, WriteReport {}

export interface LiveGenerator {
  /**
   * One tick now, with the rows as given at any time of day; the first pass fills the past days before it. After a
   * failure the next pass goes on with what could not be written, so that no customer is lost.
   *
   * @param signal ends a first pass between two days
   * @throws IngotError whatever the storage throws
   */
  pass(signal: AbortSignal): Promise<GeneratorReport>;
}

/** @param given.clock tells the instants of the ticks, default the system's clock */
export function createLiveGenerator(given: {
  bronze: ObjectStore;
  clock?: Clock | undefined;
  options: GeneratorOptions;
}): LiveGenerator {
  const { bronze, clock = systemClock, options } = given;
  let world: World | undefined;
  let pending: Tick | undefined;
  let lastMs: number | undefined;

  /** A clock that stands still or goes back must not give two ticks the same instant: their ids would be the same. */
  const nextTick = (shop: World): Tick => {
    const nowMs = clock.now().getTime();
    const atMs = lastMs === undefined ? nowMs : Math.max(nowMs, lastMs + 1);
    const spanMs = lastMs === undefined ? FIRST_LIVE_SPAN_MS : atMs - lastMs;
    lastMs = atMs;
    return shop.tick(new Date(atMs), spanMs);
  };

  return {
    async pass(signal) {
      const report = { ...nothingWritten(), moreInMs: undefined, failures: [] };
      if (!world) {
        const history = await writeHistory({ bronze, options, today: clock.now(), signal });
        addReport(report, history);
        if (!history.complete) return report;
        world = history.world;
      }
      pending ??= nextTick(world);
      addReport(report, await writeTick(bronze, pending));
      pending = undefined;
      return report;
    },
  };
}
