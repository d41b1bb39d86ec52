import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import {
  type Clock,
  IngotError,
  JSON_TYPE,
  type JsonObject,
  jsonBytes,
  type Logger,
  messageOf,
  type ObjectStore,
  readJson,
} from "@ingot/common";
import { runsFolder, type Trigger } from "@ingot/engine/runs";
import { hasEnded, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

/** Who runs a pipeline, as it lies in gold at `<pipeline>/_runs/lease.json` for as long as the run lasts. */
export interface LeaseHolder extends ProcessIdentity {
  /** Differs with each lease. */
  owner: string;
  host: string;
  trigger: Trigger;
  /** UTC, ISO 8601. */
  since: string;
  renewed_at: string;
}

/** The right to run a pipeline, which one process has at a time. */
export interface Lease {
  /** Aborted where another process has taken it over. */
  readonly signal: AbortSignal;
  /** Makes sure that it is still held, asking the storage where that was not sure lately. @throws IngotError `run_busy` */
  ensure(): Promise<void>;
  release(): Promise<void>;
}

export interface LeaseOptions {
  gold: ObjectStore;
  pipeline: string;
  trigger: Trigger;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
}

/** How often a holder shows that it is alive. */
const RENEW_MS = 10_000;
const RETRY_MS = 2_000;
/** For so long nobody can have taken it over. */
const SURE_MS = 12_000;
/** A lease that was not renewed for so long, by the clock of who looks at it, is looked at for `WATCHED_MS`. */
const STALE_MS = 30_000;
/** Longer than a holder takes to renew: clocks that jump must not make a living one look dead. */
const WATCHED_MS = 15_000;
/** Where the clocks say nothing: a time in the future. */
const WATCHED_ALONE_MS = 45_000;
const LOOK_MS = 3_000;
/** Clocks of several machines differ by some seconds. */
const AHEAD_MS = 10_000;

export const leaseKey = (pipeline: string): string => `${runsFolder(pipeline)}lease.json`;

/** The leases that this process holds: what else has its number was an earlier process's. */
const ours = new Set<string>();

/** The lease of a pipeline, or who has it. One whose holder was killed is taken over, after 45 seconds at the latest. */
export async function takeLease(options: LeaseOptions): Promise<{ lease: Lease } | { holder: LeaseHolder }> {
  const { gold, pipeline, clock, logger, signal } = options;
  const key = leaseKey(pipeline);
  let watched: { etag: string; ms: number } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const found = await readJson<LeaseHolder>(gold, key);
    if (!found) {
      const lease = await created(options, key, undefined);
      if (lease) return { lease };
      continue;
    }
    const holder = holderOf(found);
    if (watched?.etag !== found.etag) {
      // It was renewed while somebody looked.
      if (watched) return { holder };
      watched = { etag: found.etag, ms: 0 };
    }
    const neededMs = watchTime(found, holder, clock.now().getTime());
    if (neededMs === undefined) return { holder };
    if (watched.ms >= neededMs) {
      const lease = await created(options, key, found.etag);
      if (!lease) return { holder };
      logger.warn(`${pipeline}: ${described(holder)} has ended without a word; its run is taken over.`);
      return { lease };
    }
    await clock.sleep(LOOK_MS, signal);
    watched.ms += LOOK_MS;
  }
}

/** Who holds the lease of a pipeline now; `undefined` where nobody does. */
export async function leaseHolder(
  gold: ObjectStore,
  pipeline: string,
  now: Date,
): Promise<LeaseHolder | undefined> {
  const found = await readJson<LeaseHolder>(gold, leaseKey(pipeline));
  const holder = found && holderOf(found);
  return found && watchTime(found, holder!, now.getTime()) === undefined ? holder : undefined;
}

/** A holder in words: `process 41 on till-1, since 09:00:05 (by the schedule)`. */
export function described({ host, pid, since, trigger }: LeaseHolder): string {
  const by = { manual: "by hand", schedule: "by the schedule", arrival: "for new files" }[trigger];
  return `process ${pid} on ${host}, since ${since} (${by})`;
}

/** Milliseconds for which nothing may happen to a lease until it counts as left behind; `undefined` where it is held. */
function watchTime(
  { modified }: JsonObject<LeaseHolder>,
  holder: LeaseHolder,
  nowMs: number,
): number | undefined {
  if (!ours.has(holder.owner) && hasEnded(holder)) return 0;
  const ageMs = nowMs - modified.getTime();
  if (ageMs < -AHEAD_MS) return WATCHED_ALONE_MS;
  return ageMs < STALE_MS ? undefined : WATCHED_MS;
}

function holderOf({ value, modified }: JsonObject<LeaseHolder>): LeaseHolder {
  const at = modified.toISOString();
  const unknown = { owner: "", host: "another machine", pid: 0, trigger: "manual" as const };
  return { ...unknown, since: at, renewed_at: at, ...value };
}

/** @param etag of the lease whose place it takes; `undefined` where there is none */
async function created(
  { gold, pipeline, trigger, clock, logger }: LeaseOptions,
  key: string,
  etag: string | undefined,
): Promise<Lease | undefined> {
  const owner = randomUUID();
  const since = clock.now().toISOString();
  const about = { owner, host: hostname(), ...ownIdentity(), trigger, since };
  const content = (): Buffer => jsonBytes({ ...about, renewed_at: clock.now().toISOString() });
  const condition = etag === undefined ? { ifAbsent: true } : { ifMatch: etag };
  ours.add(owner);
  const answer = await gold.write(key, content(), { ...JSON_TYPE, ...condition }).catch((error: unknown) => {
    ours.delete(owner);
    throw error;
  });
  // Not every store looks at the condition of a replacement.
  const isOurs = answer.created && (await readJson<LeaseHolder>(gold, key))?.value?.owner === owner;
  if (!isOurs) {
    ours.delete(owner);
    return undefined;
  }
  return keptLease({ gold, key, pipeline, owner, content, clock, logger });
}

interface Kept extends Pick<LeaseOptions, "gold" | "pipeline" | "clock" | "logger"> {
  key: string;
  owner: string;
  content: () => Buffer;
}

/** A lease that renews itself until it is released or lost. */
function keptLease({ gold, key, pipeline, owner, content, clock, logger }: Kept): Lease {
  const lost = new AbortController();
  const ended = new AbortController();
  let renewal: Promise<void> | undefined;
  let sure = { at: clock.now().getTime(), ticks: performance.now() };

  const renewOnce = async (): Promise<void> => {
    lost.signal.throwIfAborted();
    const before = { at: clock.now().getTime(), ticks: performance.now() };
    const found = await readJson<LeaseHolder>(gold, key);
    const isOurs = found?.value?.owner === owner;
    if (isOurs && (await gold.write(key, content(), { ...JSON_TYPE, ifMatch: found.etag })).created) {
      sure = before;
      return;
    }
    const text = `Another process has taken over the runs of ${pipeline}, as this one did not answer for a while. This run is given up; gold is what the other one makes of it.`;
    lost.abort(new IngotError("run_busy", text, { context: { key } }));
    lost.signal.throwIfAborted();
  };
  const renew = (): Promise<void> => {
    renewal ??= renewOnce().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };
  const keep = async (): Promise<void> => {
    let waitMs = RENEW_MS;
    let isFailing = false;
    while (!ended.signal.aborted && !lost.signal.aborted) {
      await clock.sleep(waitMs, ended.signal);
      if (ended.signal.aborted) return;
      try {
        await renew();
        waitMs = RENEW_MS;
        isFailing = false;
      } catch (error) {
        waitMs = RETRY_MS;
        if (!isFailing)
          logger.warn(`${pipeline}: the lease ${key} could not be renewed: ${messageOf(error)}`);
        isFailing = true;
      }
    }
  };
  const keeping = keep();

  return {
    signal: lost.signal,
    ensure: async () => {
      lost.signal.throwIfAborted();
      // A clock that is set back must not make an old answer look young, nor one that stands still while the machine sleeps.
      const elapsedMs = Math.max(Math.abs(clock.now().getTime() - sure.at), performance.now() - sure.ticks);
      if (elapsedMs > SURE_MS) await renew();
    },
    release: async () => {
      ended.abort();
      await keeping;
      await renewal?.catch(() => undefined);
      try {
        const found = await readJson<LeaseHolder>(gold, key);
        if (found?.value?.owner === owner) await gold.delete(key);
      } catch (error) {
        // It expires.
        logger.warn(`${pipeline}: the lease ${key} could not be removed: ${messageOf(error)}`);
      } finally {
        ours.delete(owner);
      }
    },
  };
}
