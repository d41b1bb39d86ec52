import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const RUN = fileURLToPath(new URL("./peers/run.py", import.meta.url));

export const PEERS = ["pandas", "duckdb", "polars"] as const;
export type Peer = (typeof PEERS)[number];

/** The Python of INGOT_BENCH_PYTHON, else the first on the PATH. */
export const PYTHON = process.env.INGOT_BENCH_PYTHON ?? "python3";

/** The peers that this Python has, with their versions. */
export function installedPeers(): Map<Peer, string> {
  const found = new Map<Peer, string>();
  for (const peer of PEERS) {
    const code = `import ${peer}; print(${peer}.__version__)`;
    const { status, stdout } = spawnSync(PYTHON, ["-c", code], { encoding: "utf8" });
    if (status === 0) found.set(peer, stdout.trim());
  }
  return found;
}

export const bulkArgs = (peer: Peer, dataset: string, file: string, out: string): string[] => [
  RUN,
  peer,
  "bulk",
  dataset,
  file,
  out,
];

export const tickArgs = (peer: Peer, out: string, repeat: number, files: readonly string[]): string[] => [
  RUN,
  peer,
  "tick",
  out,
  String(repeat),
  ...files,
];

export const goldArgs = (peer: Peer, way: string, lake: string, work: string, ticks: number): string[] => [
  RUN,
  peer,
  "gold",
  way,
  lake,
  work,
  String(ticks),
];

export const retailArgs = (peer: Peer, bronze: string, out: string, days: readonly string[]): string[] => [
  RUN,
  peer,
  "retail",
  bronze,
  out,
  ...days,
];
