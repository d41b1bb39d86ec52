import { setTimeout as delay } from "node:timers/promises";
import { DATASETS, type DatasetName } from "@ingot/pipelines";
import { backlog } from "./check.ts";
import { runIngot, type Surroundings } from "./ingot.ts";
import { Service } from "./service.ts";

/** Two of each; the aggregators share one warehouse. */
const SERVICES = {
  "generator-1": "generate --seed 1 --poll-interval 300ms",
  "generator-2": "generate --seed 2 --poll-interval 300ms",
  "cleaner-1": "clean",
  "cleaner-2": "clean",
  "aggregator-1": "aggregate",
  "aggregator-2": "aggregate",
};

const KINDS = ["generator", "cleaner", "aggregator"];

const AT_WORK_MS = 30_000;
/** Services that fail wait for up to a minute before they try again. */
const CATCH_UP_MS = 90_000;
const LOOK_EVERY_MS = 100;

export function startServices(surroundings: Surroundings, logs: string): Service[] {
  return Object.entries(SERVICES).map(([name, args]) => new Service(name, args, surroundings, logs));
}

/** Waits until a service of each kind has done something, so that there is work to break; not for ever on a slow machine. */
export async function untilAtWork(services: readonly Service[], signal: AbortSignal): Promise<void> {
  const end = performance.now() + AT_WORK_MS;
  const idle = (): boolean =>
    KINDS.some((kind) => !services.some(({ name, isAtWork }) => name.startsWith(kind) && isAtWork));
  while (idle() && performance.now() < end && !signal.aborted) await delay(LOOK_EVERY_MS);
}

/** @returns what went wrong */
export async function stopServices(services: readonly Service[]): Promise<string[]> {
  const results = await Promise.allSettled(services.map((service) => service.stop()));
  return results.flatMap((result) => (result.status === "rejected" ? [String(result.reason.message)] : []));
}

/**
 * Stops the generators, and waits until the others have worked off everything, as they do by themselves once nothing is
 * wrong any more.
 */
export async function catchUp(
  services: readonly Service[],
  outside: Surroundings,
): Promise<{ caughtUpMs: number; failures: string[] }> {
  const start = performance.now();
  const failures = await stopServices(services.filter(({ name }) => name.startsWith("generator")));
  while (true) {
    const { stdout, failure } = await runIngot(["status", "--json"], outside);
    const left = failure === undefined ? backlog(stdout) : [failure];
    const caughtUpMs = performance.now() - start;
    if (left.length === 0) return { caughtUpMs, failures };
    if (caughtUpMs > CATCH_UP_MS) {
      const text = `${CATCH_UP_MS / 1000} s after the last fault the services had not caught up: ${left.join("; ")}`;
      return { caughtUpMs, failures: [...failures, text] };
    }
    await delay(LOOK_EVERY_MS);
  }
}

export function killsByKind(services: readonly Service[]): Record<string, number> {
  const kills: Record<string, number> = {};
  for (const { name, kills: count } of services) {
    const kind = name.replace(/-\d$/, "");
    kills[kind] = (kills[kind] ?? 0) + count;
  }
  return kills;
}

/** Records that generators have logged as written; those that were killed may have written more. */
export function acknowledgedRecords(services: readonly Service[]): [DatasetName, number][] {
  const names = Object.keys(DATASETS) as DatasetName[];
  const written = new Map(names.map((name) => [name, 0]));
  for (const line of services.flatMap(({ log }) => log.split("\n"))) {
    // The last line of a killed process may be cut short.
    if (!line.includes('"generated"') || !line.endsWith("}")) continue;
    const { rows } = JSON.parse(line) as { rows: Record<DatasetName, number> };
    for (const name of names) written.set(name, written.get(name)! + rows[name]);
  }
  return [...written];
}
