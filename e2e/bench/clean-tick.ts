import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { createRuleContext, DATASETS, type DatasetName } from "@ingot/pipelines";
import { cleanBody } from "../../services/cleaner/src/clean-body.ts";
import { CleanedObject } from "../../services/cleaner/src/cleaned-object.ts";
import { INGOT } from "../support.ts";
import { measure, median } from "./measure.ts";
import { type Peer, PYTHON, tickArgs } from "./peers.ts";
import { type Measured, OURS } from "./results.ts";

const ROWS = "customers=50,orders=200,clicks=500";
const WARM_UP = 200;
const CASE = "clean a tick (50 customers, 200 orders, 500 clicks)";

interface TickFile {
  dataset: DatasetName;
  file: string;
  content: Buffer;
}

/**
 * Cleans a tick's three files again and again in a warm process: from the bytes of bronze to the bytes of silver and
 * quarantine, storage excluded. The peers read and write files, which the system keeps in memory.
 */
export async function cleanTick(options: {
  folder: string;
  peers: readonly Peer[];
  rounds: number;
  repeat?: number;
}): Promise<Measured[]> {
  const { folder, peers, rounds, repeat = 200 } = options;
  rmSync(folder, { recursive: true, force: true });
  const out = path.join(folder, "out");
  mkdirSync(out, { recursive: true });
  const lake = path.join(folder, "lake");
  const env = { ...process.env, LAKE_URL: lake, LOG_LEVEL: "error" };
  await measure(process.execPath, [INGOT, "generate", "--ticks", "1", "--rows", ROWS], env);
  const files = filesOf(path.join(lake, "bronze"));
  const all = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    add(all, OURS, await ourMs(files, repeat));
    for (const peer of peers) {
      const args = files.map(({ dataset, file }) => `${dataset}=${file}`);
      const { stdout } = await measure(PYTHON, tickArgs(peer, out, repeat / 4, args), env);
      add(all, peer, Number(stdout));
    }
  }
  rmSync(folder, { recursive: true, force: true });
  return [...all].map(([who, times]) => {
    const ms = median(times);
    return { case: CASE, who, figure: `${ms.toFixed(ms < 10 ? 2 : 1)} ms`, speed: 1 / ms };
  });
}

function add(all: Map<string, number[]>, who: string, ms: number): void {
  all.set(who, [...(all.get(who) ?? []), ms]);
}

function filesOf(bronze: string): TickFile[] {
  return (["customers", "orders", "clicks"] as const).map((dataset) => {
    const folder = path.join(bronze, dataset);
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const name = names.find((each) => path.basename(each).startsWith(dataset))!;
    const file = path.join(folder, name);
    return { dataset, file, content: readFileSync(file) };
  });
}

/** The median of `repeat` ticks, in milliseconds. */
async function ourMs(files: readonly TickFile[], repeat: number): Promise<number> {
  const context = createRuleContext({ businessTimezone: "UTC", emailHashKey: "bench" });
  const times: number[] = [];
  for (let tick = 0; tick < WARM_UP + repeat; tick++) {
    const start = performance.now();
    for (const { dataset, file, content } of files) {
      const cleaned = new CleanedObject(DATASETS[dataset], file);
      const source = { body: once(content), size: content.length };
      await cleanBody(source, { key: path.basename(file), dataset, context, signal: undefined }, cleaned);
      await cleaned.finish();
      cleaned.close();
    }
    if (tick >= WARM_UP) times.push(performance.now() - start);
  }
  return median(times);
}

async function* once(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}
