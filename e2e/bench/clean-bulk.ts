import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { INGOT } from "../support.ts";
import { measure, median, type Run } from "./measure.ts";
import { bulkArgs, type Peer, PYTHON } from "./peers.ts";
import { type Measured, OURS } from "./results.ts";

export interface BulkCase {
  name: string;
  dataset: "orders" | "customers" | "clicks";
  /** JSON Lines instead of the generator's array. */
  asLines?: boolean;
  rows: number;
}

/** Cleans one large file, as a whole process, Ingot and the peers in turn. */
export async function cleanBulk(
  { name, dataset, asLines = false, rows }: BulkCase,
  options: { folder: string; peers: readonly Peer[]; rounds: number },
): Promise<Measured[]> {
  const lake = path.join(options.folder, "lake");
  const out = path.join(options.folder, "out");
  rmSync(options.folder, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const zero = ["orders", "customers", "clicks"].map((it) => `${it}=${it === dataset ? rows : 0}`).join(",");
  const env = { ...process.env, LAKE_URL: lake, LOG_LEVEL: "error", EMAIL_HASH_KEY: "bench" };
  await measure(process.execPath, [INGOT, "generate", "--ticks", "1", "--rows", zero], env);
  const file = fileOf(path.join(lake, "bronze"), dataset);
  const source = asLines ? toLines(file) : file;
  const runs = new Map<string, Run[]>();
  for (let round = 0; round < options.rounds; round++) {
    for (const layer of ["silver", "quarantine"])
      rmSync(path.join(lake, layer), { recursive: true, force: true });
    add(runs, OURS, await measure(process.execPath, [INGOT, "clean", "--once"], env));
    for (const peer of options.peers)
      add(runs, peer, await measure(PYTHON, bulkArgs(peer, dataset, source, out), env));
  }
  return [...runs].map(([who, all]) => {
    const speed = rows / median(all.map(({ seconds }) => seconds));
    const peakMb = Math.max(...all.map(({ peakMb }) => peakMb ?? 0)) || undefined;
    return { case: name, who, figure: `${Math.round(speed / 1000)} k records/s`, speed, peakMb };
  });
}

function add(runs: Map<string, Run[]>, who: string, run: Run): void {
  runs.set(who, [...(runs.get(who) ?? []), run]);
}

/** The file of a dataset; those of the others, which its records need, are removed. */
function fileOf(bronze: string, dataset: string): string {
  for (const folder of readdirSync(bronze)) {
    if (folder !== dataset) rmSync(path.join(bronze, folder), { recursive: true });
  }
  const entries = readdirSync(bronze, { recursive: true, withFileTypes: true });
  const file = entries.find((entry) => entry.isFile() && !entry.name.startsWith("."))!;
  return path.join(file.parentPath, file.name);
}

/** The same records one a line, in place of the array. */
function toLines(file: string): string {
  const lines = file.replace(/\.json$/, ".jsonl");
  const records = JSON.parse(readFileSync(file, "utf8")) as unknown[];
  writeFileSync(lines, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  rmSync(file);
  return lines;
}
