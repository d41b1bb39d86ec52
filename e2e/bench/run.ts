import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type BulkCase, cleanBulk } from "./clean-bulk.ts";
import { cleanTick } from "./clean-tick.ts";
import { dashboardQuestions } from "./dashboard.ts";
import { findingWork } from "./finding-work.ts";
import { plotTicks } from "./gold-plot.ts";
import { type GoldTickRow, goldTick } from "./gold-tick.ts";
import { installedPeers, PYTHON } from "./peers.ts";
import { HEADER, type Measured, machine, OURS, rowOf, tablesOf, writeReadme } from "./results.ts";
import { retailDays } from "./retail.ts";

/*
 * npm run bench [-- --only tick,bulk,gold,find,dashboard,retail --rows 2000000 --rounds 3 --orders 100000,1000000 --objects 1000,100000
 *   --days 30 --write]
 *
 * Each case measures Ingot and its peers in turn, in one run: believe the ratios, not the seconds. The peers are Python
 * packages (pandas, duckdb, polars), each written as its own users would write it, in e2e/bench/peers. With --write the
 * results go to the README.
 */

const PLOT = fileURLToPath(new URL("results/gold-tick.svg", import.meta.url));

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "tick,bulk,gold,find,dashboard,retail" },
    rows: { type: "string", default: "400000" },
    rounds: { type: "string", default: "3" },
    orders: { type: "string", default: "100000,1000000" },
    "peers-up-to": { type: "string", default: "1000000" },
    objects: { type: "string", default: "1000,100000" },
    days: { type: "string", default: "30" },
    write: { type: "boolean", default: false },
  },
});
const rows = Number(values.rows);
const rounds = Number(values.rounds);
const numbers = (text: string): number[] => text.split(",").map(Number);
const count = new Intl.NumberFormat("en-US").format(rows);
const BULK: readonly BulkCase[] = [
  { name: `clean ${count} orders (JSON array)`, dataset: "orders", rows },
  { name: `clean ${count} orders (JSON Lines)`, dataset: "orders", asLines: true, rows },
  { name: `clean ${count} customers (CSV)`, dataset: "customers", rows },
  { name: `clean ${count} clicks (JSON Lines)`, dataset: "clicks", rows },
];

const installed = installedPeers();
const peers = [...installed.keys()];
const versions = [...installed].map(([peer, version]) => `${peer} ${version}`).join(", ");
if (peers.length === 0) {
  console.info(
    `No peer: ${PYTHON} has none of pandas, duckdb, polars. Name another one in INGOT_BENCH_PYTHON.`,
  );
}
const folder = path.join(tmpdir(), `ingot-bench-${process.pid}`);
const results: Measured[] = [];
const goldRows: GoldTickRow[] = [];

const SUITES: Record<string, () => Promise<void>> = {
  tick: async () => add(await cleanTick({ folder, peers, rounds })),
  bulk: async () => {
    for (const bulk of BULK) add(await cleanBulk(bulk, { folder, peers, rounds }));
  },
  gold: async () => {
    const histories = numbers(values.orders);
    const peersUpTo = Number(values["peers-up-to"]);
    goldRows.push(...(await goldTick({ histories, folder, peers, peersUpTo })));
    for (const orders of histories) add(goldRows.filter((row) => row.orders === orders).map(ofGold));
    add(goldRows.flatMap(recoveryOf));
  },
  find: async () => {
    for (const result of await findingWork({ folder, objects: numbers(values.objects) })) add([result]);
  },
  retail: async () => {
    for (const result of await retailDays({ folder, peers, rounds, days: Number(values.days) })) add(result);
  },
  dashboard: async () => {
    const histories = numbers(values.orders);
    for (const result of await dashboardQuestions({ folder, histories })) add([result]);
  },
};

console.info(`${machine()}; ${versions}; ${rounds} rounds\n\n${HEADER}`);
try {
  for (const [name, suite] of Object.entries(SUITES))
    if (values.only.split(",").includes(name)) await suite();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const tables = tablesOf(results);
console.info(`\n${tables}`);
if (values.write) {
  writeReadme(`${tables}\n\n${machine()}; ${versions}.`);
  if (goldRows.length > 0) {
    mkdirSync(path.dirname(PLOT), { recursive: true });
    writeFileSync(PLOT, plotTicks(goldRows));
  }
}

function add(measured: readonly Measured[]): void {
  const ours = measured.find(({ who }) => who === OURS)?.speed ?? Number.NaN;
  for (const result of measured) console.info(rowOf(result, ours));
  results.push(...measured);
}

/** What it takes to have a warehouse again: without its file, and with it. */
function recoveryOf({ who, orders, warehouse }: GoldTickRow): Measured[] {
  if (!warehouse) return [];
  const { rebuildSeconds, rebuildPeakMb, openMs } = warehouse;
  const name = `warehouse of ${orders.toLocaleString("en-US")} orders`;
  const figure = `${rebuildSeconds.toFixed(1)} s`;
  return [
    { case: `${name}, from silver`, who, figure, speed: 1 / rebuildSeconds, peakMb: rebuildPeakMb },
    { case: `${name}, opened`, who, figure: `${openMs.toFixed(0)} ms`, speed: 1 / openMs },
  ];
}

function ofGold({ who, orders, medianMs, peakMb }: GoldTickRow): Measured {
  const name = `gold tick, 200 orders on ${orders.toLocaleString("en-US")}`;
  const figure = medianMs < 1000 ? `${medianMs.toFixed(1)} ms` : `${(medianMs / 1000).toFixed(1)} s`;
  return { case: name, who, figure, speed: 1 / medianMs, peakMb };
}
