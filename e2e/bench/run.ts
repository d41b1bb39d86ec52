import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { type BulkCase, cleanBulk, type Result } from "./clean-bulk.ts";
import { installedPeers, PYTHON } from "./peers.ts";

/*
 * npm run bench [-- --rows 2000000 --rounds 3 --only orders]
 *
 * Each case measures Ingot and its peers in turn, in one run: believe the ratios, not the seconds. The peers are Python
 * packages (pandas, duckdb, polars), each written as its own users would write it, in e2e/bench/peers.
 */

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "400000" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
  },
});
const rows = Number(values.rows);
const CASES: readonly BulkCase[] = [
  { name: "clean orders (JSON array)", dataset: "orders", rows },
  { name: "clean orders (JSON Lines)", dataset: "orders", asLines: true, rows },
  { name: "clean customers (CSV)", dataset: "customers", rows },
  { name: "clean clicks (JSON Lines)", dataset: "clicks", rows },
];

const peers = installedPeers();
if (peers.size === 0) {
  console.info(
    `No peer: ${PYTHON} has none of pandas, duckdb, polars. Name another one in INGOT_BENCH_PYTHON.`,
  );
}
console.info(
  `${rows} records, ${values.rounds} rounds; ${[...peers].map(([peer, version]) => `${peer} ${version}`).join(", ")}\n`,
);
console.info("| case | | records/s | of Ingot's | peak memory |");
console.info("|---|---|---|---|---|");
const folder = path.join(tmpdir(), `ingot-bench-${process.pid}`);
for (const bulk of CASES.filter(({ name }) => name.includes(values.only))) {
  const results = await cleanBulk(bulk, { folder, peers: [...peers.keys()], rounds: Number(values.rounds) });
  for (const result of results) console.info(row(result, results[0]!.rate));
}

function row({ case: name, who, rate, peakMb }: Result, ours: number): string {
  const peak = peakMb === undefined ? "" : `${Math.round(peakMb)} MB`;
  return `| ${name} | ${who} | ${Math.round(rate / 1000)} k | ${(rate / ours).toFixed(2)} | ${peak} |`;
}
