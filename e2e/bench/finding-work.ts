import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import path from "node:path";
import { createLogger, FileStore, systemClock } from "@ingot/common";
import { DATASETS, silverKey } from "@ingot/pipelines";
import { createCleaner } from "../../services/cleaner/src/cleaner.ts";
import { median } from "./measure.ts";
import { type Measured, OURS } from "./results.ts";

const POLL_MS = 5_000;
const POLLS = 60;
/** A day of ticks every five seconds. */
const OBJECTS_PER_DAY = 17_280;

/**
 * Measures the cleaner's poll over lakes in which everything is clean: to find that there is nothing to do. The clock is
 * moved on by a poll interval each time, so that all that is done now and then falls into the measured time.
 */
export async function findingWork(options: {
  folder: string;
  /** How many bronze objects the lakes have. */
  objects: readonly number[];
}): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const objects of options.objects) {
    rmSync(options.folder, { recursive: true, force: true });
    const ms = await pollMs(options.folder, objects);
    const name = `find nothing new among ${objects.toLocaleString("en-US")} objects (folder)`;
    results.push({ case: name, who: OURS, figure: `${ms.toFixed(1)} ms a poll`, speed: 1 / ms });
  }
  rmSync(options.folder, { recursive: true, force: true });
  return results;
}

async function pollMs(folder: string, objects: number): Promise<number> {
  fill(folder, objects);
  const layer = (name: string): FileStore => new FileStore(path.join(folder, name));
  let now = Date.now() + 60_000;
  const cleaner = createCleaner({
    lake: { bronze: layer("bronze"), silver: layer("silver"), quarantine: layer("quarantine") },
    businessTimezone: "UTC",
    emailHashKey: undefined,
    concurrency: 1,
    clock: { ...systemClock, now: () => new Date(now) },
    logger: createLogger({ logLevel: "error", logFormat: "json" }, "bench"),
  });
  const { signal } = new AbortController();
  await cleaner.pass(signal);
  const times: number[] = [];
  for (let poll = 0; poll < POLLS; poll++) {
    now += POLL_MS;
    const start = performance.now();
    const { objects: cleaned } = await cleaner.pass(signal);
    times.push(performance.now() - start);
    if (cleaned > 0) throw new Error(`${cleaned} objects were cleaned though all are`);
  }
  return median(times);
}

/** Empty bronze objects, by datasets and days, then the silver objects that say that they are clean. */
function fill(folder: string, objects: number): void {
  const datasets = Object.values(DATASETS);
  const keys = Array.from({ length: objects }, (_, index) => {
    const dataset = datasets[index % datasets.length]!;
    const number = Math.floor(index / datasets.length);
    const day = new Date(Date.UTC(2024, 0, 1 + Math.floor(number / OBJECTS_PER_DAY)))
      .toISOString()
      .slice(0, 10);
    const base = `${dataset.name}_${String(number).padStart(9, "0")}${dataset.usualEnding}`;
    return { dataset, key: `${dataset.name}/dt=${day}/${base}` };
  });
  const made = new Set<string>();
  const touch = (file: string): void => {
    const parent = path.dirname(file);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    closeSync(openSync(file, "w"));
  };
  for (const { key } of keys) touch(path.join(folder, "bronze", key));
  for (const { dataset, key } of keys) touch(path.join(folder, "silver", silverKey(dataset, key)));
}
