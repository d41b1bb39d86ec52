import { once } from "node:events";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Random } from "../../services/generator/src/random.ts";
import { createFakeClock, FAKETIME } from "./clock-jumps.ts";
import type { Fault, Faults } from "./faults.ts";
import { type Surroundings, startIngot } from "./ingot.ts";
import type { Service } from "./service.ts";

/** Milliseconds between two events, on average. */
const KILL_EVERY = 1000;
/** Of the kills; the others strike services that have done something, so that on a slow machine there is work to break. */
const KILLED_AT_ONCE = 0.2;
const FAULT_EVERY = 1000;
const COMPACT_EVERY = 2500;
const COMPACTOR_KILLED = 0.4;
/** A compactor that is killed is so within this time; some have done nothing by then, some all. */
const COMPACTOR_LIVES = 2500;
/** For a compactor the Parquet files of the one before are old enough. */
const COMPACTOR_AHEAD_HOURS = 2;

/** What was done to the system. */
export interface Ordeal {
  /** How often each fault struck. */
  faults: Record<string, number>;
  compactions: number;
  compactorsKilled: number;
  /** Compactions that failed, as they may while something is wrong. */
  compactorsFailed: number;
}

export interface ConductorOptions {
  seed: string;
  services: readonly Service[];
  faults: Faults;
  /** The compactor's. */
  surroundings: Surroundings;
  /** For the files that clocks need. */
  folder: string;
  /** Gets what compactors write. */
  log: string;
  ms: number;
  signal: AbortSignal;
}

/**
 * Lets things go wrong at random instants for `ms` milliseconds, and takes everything away again. The seed decides what
 * happens when; what meets what decides the machine.
 */
export async function conduct(options: ConductorOptions): Promise<Ordeal> {
  const { seed, services, faults, ms } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal, AbortSignal.timeout(ms)]);
  const ordeal: Ordeal = { faults: {}, compactions: 0, compactorsKilled: 0, compactorsFailed: 0 };
  const again = (stream: string, pauseMs: number, work: (random: Random) => Promise<void>): Promise<void> =>
    repeat(new Random(`${seed}/${stream}`), pauseMs, signal, work);
  const all = [
    again("kills", KILL_EVERY, async (random) => killOne(random, services)),
    ...faults.groups.map((group, index) =>
      again(`faults/${index}`, FAULT_EVERY, (random) => strike(random, group, signal, ordeal)),
    ),
    again("compact", COMPACT_EVERY, (random) => compact(random, options, ordeal)),
  ];
  // What goes wrong with one must not leave the others' faults behind.
  for (const one of all) one.catch(() => broken.abort());
  const results = await Promise.allSettled(all);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return ordeal;
}

/** Does something again and again, until the signal comes, after pauses of this length on average. */
async function repeat(
  random: Random,
  pauseMs: number,
  signal: AbortSignal,
  work: (random: Random) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await pause(2 * pauseMs * random.next(), signal);
    if (!signal.aborted) await work(random);
  }
}

function killOne(random: Random, services: readonly Service[]): void {
  const isAnyone = random.chance(KILLED_AT_ONCE);
  const place = random.next();
  const candidates = isAnyone ? services : services.filter(({ isAtWork }) => isAtWork);
  candidates[Math.floor(place * candidates.length)]?.kill();
}

async function strike(
  random: Random,
  group: readonly Fault[],
  signal: AbortSignal,
  { faults }: Ordeal,
): Promise<void> {
  const { name, least, most, begin } = random.pick(group);
  const ms = least + random.int(most - least);
  const start = performance.now();
  const end = await begin(random);
  faults[name] = (faults[name] ?? 0) + 1;
  await pause(ms, signal);
  await end();
  // At least half of the time nothing of this group is wrong: what never works cannot lose anything.
  await pause(performance.now() - start, signal);
}

async function compact(
  random: Random,
  { surroundings, folder, log }: ConductorOptions,
  ordeal: Ordeal,
): Promise<void> {
  const isKilled = random.chance(COMPACTOR_KILLED);
  const lifeMs = random.int(COMPACTOR_LIVES);
  const clock =
    FAKETIME && createFakeClock(FAKETIME, path.join(folder, "compactor.clock"), COMPACTOR_AHEAD_HOURS);
  const env = { ...surroundings.env, ...(clock ? clock.env : {}) };
  const child = startIngot("compact --compacted-csv prune", log, { ...surroundings, env });
  const end = once(child, "exit");
  if (isKilled) {
    await Promise.race([end, delay(lifeMs)]);
    ordeal.compactorsKilled += child.kill("SIGKILL") ? 1 : 0;
  }
  const [code] = await end;
  if (code === 0) ordeal.compactions += 1;
  else if (code !== null) ordeal.compactorsFailed += 1;
}

const pause = (ms: number, signal: AbortSignal): Promise<unknown> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
