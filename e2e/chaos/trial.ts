import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type CheckedLake, checkLake } from "./check.ts";
import { conduct, type Ordeal } from "./conductor.ts";
import { faultsOf } from "./faults.ts";
import {
  acknowledgedRecords,
  catchUp,
  killsByKind,
  startServices,
  stopServices,
  untilAtWork,
} from "./fleet.ts";
import { runIngot, type Surroundings } from "./ingot.ts";
import { openPlace, type Place, type PlaceName } from "./place.ts";

const OPTIONS = {
  POLL_INTERVAL: "200ms",
  RECONCILE_INTERVAL: "8s",
  // Days that are over, for compactors to work on from the beginning.
  GENERATOR_HISTORY_DAYS: "2",
  GENERATOR_ROWS: "orders=60,customers=20,clicks=60",
  LOG_FORMAT: "json",
};

export interface TrialResult extends CheckedLake, Ordeal {
  /** SIGKILLs by the kind of service. */
  kills: Record<string, number>;
  /** Requests that a broken network struck. */
  struck: number;
  /** CSV objects that compactors deleted. */
  pruned: number;
  /** Until the services themselves had worked off everything, once nothing was wrong any more. */
  caughtUpMs: number;
  /** Faults that are not possible here, and why. */
  leftOut: Readonly<Record<string, string>>;
  /** How services ended by themselves. */
  ends: string[];
}

export interface TrialOptions {
  seed: number;
  name: PlaceName;
  /** An empty folder of its own; afterwards it holds the logs, and the lake where something is wrong with it. */
  folder: string;
  /** How long things go wrong. */
  ms: number;
  signal: AbortSignal;
}

/** Lets a whole system run on one kind of storage, breaks it in all ways, and looks at what has become of the data. */
export async function tryPlace(options: TrialOptions): Promise<TrialResult> {
  const place = await openPlace(options.name, options.folder);
  try {
    const result = await tryOn(place, options);
    if (result.differences.length > 0) keepLake(place, options.folder);
    return result;
  } catch (error) {
    if (!options.signal.aborted) keepLake(place, options.folder);
    throw error;
  } finally {
    await place.close();
  }
}

async function tryOn(place: Place, { seed, name, folder, ms, signal }: TrialOptions): Promise<TrialResult> {
  const work = path.join(folder, "work");
  const logs = path.join(folder, "logs");
  for (const made of [work, logs]) mkdirSync(made);
  const around = (env: Record<string, string>): Surroundings => ({
    cwd: work,
    env: { ...OPTIONS, ...env, TMPDIR: work },
  });
  const outside = around(place.direct);
  if (place.store) {
    const { failure } = await runIngot(["init"], outside);
    if (failure !== undefined) throw new Error(failure);
  }
  const surroundings = around(place.env);
  const services = startServices(surroundings, logs);
  try {
    await untilAtWork(services, signal);
    const faults = faultsOf(place, services, work);
    const log = path.join(logs, "compactor.log");
    const plan = { seed: `${seed}/${name}`, services, faults, surroundings, folder: work, log, ms, signal };
    const ordeal = await conduct(plan);
    signal.throwIfAborted();
    const { caughtUpMs, failures: late } = await catchUp(services, outside);
    const failures = [...late, ...(await stopServices(services))];
    const checked = await checkLake(outside, folder);
    const lost = acknowledgedRecords(services).flatMap(([dataset, written]) => {
      const { bronze } = checked.datasets[dataset];
      return bronze < written ? [`bronze has ${bronze} ${dataset}, of ${written} that were written`] : [];
    });
    const crashes = services.flatMap((service) => service.crashes.map((crash) => `crashed: ${crash}`));
    return {
      ...checked,
      ...ordeal,
      caughtUpMs,
      differences: [...failures, ...crashes, ...lost, ...checked.differences],
      kills: killsByKind(services),
      struck: faults.struck(),
      pruned: prunedIn(log),
      leftOut: faults.leftOut,
      ends: services.flatMap((service) => service.ends),
    };
  } finally {
    for (const service of services) service.abandon();
  }
}

/** The disk of a trial goes with it. */
function keepLake({ data, disk }: Place, folder: string): void {
  if (typeof disk === "string") return;
  cpSync(data, path.join(folder, "kept"), { recursive: true, preserveTimestamps: true });
}

function prunedIn(log: string): number {
  // A short trial may have had no compactor.
  if (!existsSync(log)) return 0;
  const lines = readFileSync(log, "utf8").matchAll(/ ([\d,]+) CSV objects pruned(,|$)/gm);
  return lines.reduce((sum, [, count = ""]) => sum + Number(count.replaceAll(",", "")), 0);
}
