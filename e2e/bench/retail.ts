import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { INGOT } from "../support.ts";
import { measure, median, type Run } from "./measure.ts";
import { type Peer, PYTHON, retailArgs } from "./peers.ts";
import { type Measured, OURS } from "./results.ts";

const FIRST_DAY = Date.UTC(2025, 0, 1);
const DAY_MS = 86_400_000;
/** The tables that have a file for each day, and their folders' names. */
const DAILY = { retail_data: "date", sales: "sale_date" } as const;
/** Files that have just been written may still be growing; runs wait for that long. */
const SETTLE_MS = 1000;

const dayAt = (index: number): string => new Date(FIRST_DAY + index * DAY_MS).toISOString().slice(0, 10);

/**
 * Measures the stores' pipeline from bronze to gold, as whole processes, Ingot and the peers in turn: first a history at
 * once, then single days on top of it.
 */
export async function retailDays(options: {
  folder: string;
  peers: readonly Peer[];
  /** Days of the history. */
  days: number;
  /** Single days. */
  rounds: number;
}): Promise<Measured[][]> {
  const { folder, days, rounds } = options;
  rmSync(folder, { recursive: true, force: true });
  const env = { ...process.env, LAKE_URL: path.join(folder, "lake"), LOG_LEVEL: "error" };
  const range = ["--from", dayAt(0), "--to", dayAt(days + rounds - 1)];
  await measure(process.execPath, [INGOT, "generate", "retail-stores", ...range], env);
  const bronze = path.join(folder, "lake/bronze/retail-stores");
  const later = path.join(folder, "later");
  const all = Array.from({ length: days + rounds }, (_, index) => dayAt(index));
  for (const day of all.slice(days)) move(day, bronze, later);
  // Every contender has a place of its own; all read the same files.
  const peers = options.peers.filter(canRetail);
  const places = new Map(peers.map((peer) => [peer, path.join(folder, peer)]));
  for (const place of places.values()) mkdirSync(place);

  const runAll = async (some: readonly string[]): Promise<Map<string, Run>> => {
    await delay(SETTLE_MS);
    const runs = new Map([
      [OURS as string, await measure(process.execPath, [INGOT, "run", "retail-stores"], env)],
    ]);
    for (const [peer, place] of places) {
      runs.set(peer, await measure(PYTHON, retailArgs(peer, bronze, place, some), env));
    }
    return runs;
  };

  const history = await runAll(all.slice(0, days));
  const singles: Map<string, Run>[] = [];
  for (const day of all.slice(days)) {
    move(day, later, bronze);
    singles.push(await runAll([day]));
  }
  rmSync(folder, { recursive: true, force: true });
  const of = (who: string): Run[] => singles.map((runs) => runs.get(who)!);
  return [
    [...history].map(([who, run]) => result(`retail backfill of ${days} days`, who, [run])),
    [...history.keys()].map((who) => result(`retail day on top of ${days}`, who, of(who))),
  ];
}

/** No polars has been written for it; pandas writes no Parquet of its own. */
function canRetail(peer: Peer): boolean {
  if (peer === "pandas") return spawnSync(PYTHON, ["-c", "import pyarrow"]).status === 0;
  return peer === "duckdb";
}

function result(name: string, who: string, runs: readonly Run[]): Measured {
  const seconds = median(runs.map((run) => run.seconds));
  const peakMb = Math.max(...runs.map((run) => run.peakMb ?? 0)) || undefined;
  return { case: name, who, figure: `${seconds.toFixed(1)} s`, speed: 1 / seconds, peakMb };
}

function move(day: string, from: string, to: string): void {
  for (const [table, column] of Object.entries(DAILY)) {
    const name = path.join(table, `${column}=${day}`);
    mkdirSync(path.join(to, table), { recursive: true });
    renameSync(path.join(from, name), path.join(to, name));
  }
}
