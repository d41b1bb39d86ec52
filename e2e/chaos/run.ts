import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { isOnPath } from "../../packages/common/test/storage/s3-servers.ts";
import { tableOf } from "./figures.ts";
import { PLACES, type PlaceName } from "./place.ts";
import { type TrialResult, tryPlace } from "./trial.ts";

/*
 * npm run chaos [-- --minutes 10 --seed 1 --only minio]
 *
 * Lets two of each service run on a real MinIO, then on a folder, and breaks everything at random instants: processes,
 * storage, network, disk, clocks. In the end no record may be lost and none counted twice. Seeded: the same seed makes the
 * same plan.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
  },
});
const minutes = numberOf("minutes");
const seed = numberOf("seed");
const names = placesOf(values.only);
const folder = path.join(tmpdir(), `ingot-chaos-${seed}-${process.pid}`);
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());

console.info(`seed ${seed}`);
const results = new Map<PlaceName, TrialResult>();
let wrong = 0;
try {
  for (const name of names) {
    const own = path.join(folder, name);
    mkdirSync(own, { recursive: true });
    const ms = (minutes * 60_000) / names.length;
    console.info(`${name}: ${Math.round(ms / 1000)} s of faults, then the check …`);
    results.set(name, await tryPlace({ seed, name, folder: own, ms, signal: stop.signal }));
  }
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error);
    wrong += 1;
  }
}
report();

function report(): void {
  if (results.size > 0) console.info(`\n${tableOf(results)}\n`);
  for (const [place, { differences, leftOut, ends }] of results) {
    for (const [fault, why] of Object.entries(leftOut)) console.info(`${place}: left out: ${fault}: ${why}`);
    for (const end of ends) console.info(`${place}: ended by itself and was started again: ${end}`);
    for (const difference of differences) console.error(`${place}: ${difference}`);
    wrong += differences.length;
  }
  if (wrong > 0) {
    console.error(`\n${wrong} differences. The lake and the logs are in ${folder}`);
    console.error(`again: npm run chaos -- --minutes ${minutes} --seed ${seed}`);
  } else rmSync(folder, { recursive: true });
  if (stop.signal.aborted) console.error("Stopped before all was checked.");
  if (wrong > 0 || stop.signal.aborted) process.exitCode = 1;
}

/** MinIO is left out where there is none, unless it was asked for. */
function placesOf(only: string | undefined): readonly PlaceName[] {
  const hasMinio = isOnPath("minio");
  if (only === undefined) {
    if (!hasMinio) console.error("*** Without MinIO: there is no `minio` on the PATH. ***");
    return PLACES.filter((place) => place !== "minio" || hasMinio);
  }
  const place = PLACES.find((name) => name === only);
  if (!place) throw new Error(`--only ${only}: write one of ${PLACES.join(", ")}`);
  if (place === "minio" && !hasMinio) throw new Error("--only minio: there is no `minio` on the PATH");
  return [place];
}

function numberOf(name: "minutes" | "seed"): number {
  const number = Number(values[name]);
  if (!(number >= 0)) throw new Error(`--${name} ${values[name]}: give a number, 0 or more`);
  return number;
}
