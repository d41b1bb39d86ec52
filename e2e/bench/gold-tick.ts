import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Rebuilt, Ticked, TickPlan } from "./gold/process.ts";
import { SyntheticShop } from "./gold/shop.ts";
import { measure, median } from "./measure.ts";
import { goldArgs, type Peer, PYTHON } from "./peers.ts";

const PROCESS = fileURLToPath(new URL("./gold/process.ts", import.meta.url));

/** How peers keep gold up to date, as their users do. */
const WAYS: readonly { peer: Peer; way: string; name: string }[] = [
  { peer: "duckdb", way: "table", name: "duckdb, table" },
  { peer: "duckdb", way: "files", name: "duckdb, Parquet" },
  { peer: "pandas", way: "memory", name: "pandas" },
];

/** The peers' ticks: enough for a median of seconds, of which the first, cold one does not count. */
const PEER_TICKS = 4;

/** What a tick of 200 orders, 50 customers and 500 clicks costs on top of a history. */
export interface GoldTickRow {
  case: "gold tick";
  /** `ingot`, or a peer and its way. */
  who: string;
  /** Orders of the history. */
  orders: number;
  /** Milliseconds from new silver to the bytes of gold; storage excluded for Ingot, a peer reads its files. */
  medianMs: number;
  p95Ms: number;
  maxMs: number;
  /** Of the process that did the ticks, in MB; undefined where the system does not tell. */
  peakMb: number | undefined;
  /** Ingot only. */
  warehouse?: {
    /** From silver to a complete file. */
    rebuildSeconds: number;
    rebuildPeakMb: number | undefined;
    /** To start with the file intact. */
    openMs: number;
    /** The median of a whole pass from one folder to another: silver found and read, gold published. */
    passMs: number;
  };
}

export interface GoldTickOptions {
  /** Orders of the histories. Each order takes 290 bytes of disk while it is measured. */
  histories: readonly number[];
  /** Removed at the end. */
  folder: string;
  peers: readonly Peer[];
  /** Peers are measured up to this history; beyond it they take their time. */
  peersUpTo: number;
  /** Those of Ingot that count; at least `PEER_TICKS`. */
  ticks?: number;
}

/**
 * Measures the gold tick against histories of several sizes, Ingot and the peers in turn.
 *
 * @throws where a peer's gold is another than Ingot's
 */
export async function goldTick(options: GoldTickOptions): Promise<GoldTickRow[]> {
  const rows: GoldTickRow[] = [];
  for (const orders of options.histories) {
    rmSync(options.folder, { recursive: true, force: true });
    const lake = path.join(options.folder, "lake");
    const shop = new SyntheticShop(orders);
    await run("history", lake, orders);
    const { row, gold } = await ourTicks(lake, orders, options.ticks ?? 200);
    rows.push(row);
    if (orders > options.peersUpTo) continue;
    rmSync(path.join(lake, "silver", "clicks"), { recursive: true, force: true });
    for (const dataset of ["orders", "customers"])
      rmSync(path.join(lake, "silver", dataset, "dt=2026-01-01"), { recursive: true, force: true });
    for (const it of WAYS.filter(({ peer }) => options.peers.includes(peer))) {
      const theirs = await peerTicks(it, lake, shop, path.join(options.folder, "work"));
      assertSameGold(it.name, gold, theirs.gold);
      rows.push(theirs.row);
    }
  }
  rmSync(options.folder, { recursive: true, force: true });
  return rows;
}

/** A row of the benchmark's table. */
export function goldTickLine({
  who,
  orders,
  medianMs,
  p95Ms,
  maxMs,
  peakMb,
  warehouse,
}: GoldTickRow): string {
  const ms = [medianMs, p95Ms, maxMs].map(
    (value) => `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`,
  );
  const memory = peakMb === undefined ? "" : `${Math.round(peakMb)} MB`;
  const more = warehouse
    ? [
        `${warehouse.passMs.toFixed(1)} ms`,
        `${warehouse.rebuildSeconds.toFixed(1)} s`,
        `${warehouse.openMs.toFixed(0)} ms`,
      ]
    : ["", "", ""];
  return `| ${[orders.toLocaleString("en-US"), who, ...ms, memory, ...more].join(" | ")} |`;
}

async function ourTicks(
  lake: string,
  orders: number,
  ticks: number,
): Promise<{ row: GoldTickRow; gold: string }> {
  const rebuild = await run("rebuild", lake, orders);
  const { seconds } = JSON.parse(rebuild.stdout) as Rebuilt;
  const few = Math.min(20, ticks);
  const plan: TickPlan = { warmUp: few, ticks, passes: 1 + few, pauseMs: 20, shown: PEER_TICKS };
  const done = await run("ticks", lake, orders, JSON.stringify(plan));
  const { tickMs, passMs, openMs, gold } = JSON.parse(done.stdout) as Ticked;
  const warehouse = {
    rebuildSeconds: seconds,
    rebuildPeakMb: rebuild.peakMb,
    openMs,
    passMs: median(passMs),
  };
  return { row: { ...rowOf("ingot", orders, tickMs, done.peakMb), warehouse }, gold };
}

const run = (mode: string, lake: string, orders: number, ...more: string[]) =>
  measure(process.execPath, [PROCESS, mode, lake, String(orders), ...more], process.env);

async function peerTicks(
  { peer, way, name }: (typeof WAYS)[number],
  lake: string,
  shop: SyntheticShop,
  work: string,
): Promise<{ row: GoldTickRow; gold: string }> {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(path.join(work, "gold"), { recursive: true });
  for (let number = 0; number < PEER_TICKS; number++) {
    const folder = path.join(work, "ticks", String(number));
    mkdirSync(folder, { recursive: true });
    const { orders, customers } = shop.tick(number);
    writeFileSync(path.join(folder, "orders.csv"), orders);
    writeFileSync(path.join(folder, "customers.csv"), customers);
  }
  const done = await measure(PYTHON, goldArgs(peer, way, lake, work, PEER_TICKS), process.env);
  const [, ...warm] = JSON.parse(done.stdout) as number[];
  const gold = readFileSync(path.join(work, "gold", "revenue_by_country.csv"), "utf8");
  return { row: rowOf(name, shop.orders, warm, done.peakMb), gold };
}

function rowOf(who: string, orders: number, ms: readonly number[], peakMb: number | undefined): GoldTickRow {
  const sorted = [...ms].sort((a, b) => a - b);
  const p95Ms = sorted[Math.ceil(0.95 * sorted.length) - 1]!;
  return { case: "gold tick", who, orders, medianMs: median(ms), p95Ms, maxMs: sorted.at(-1)!, peakMb };
}

/** A peer that computes something else may be as fast as it likes. */
function assertSameGold(name: string, ours: string, theirs: string): void {
  const [a, b] = [revenueOf(ours), revenueOf(theirs)];
  const isSame = a.size === b.size && [...a].every(([country, revenue]) => isClose(revenue, b.get(country)));
  if (!isSame) throw new Error(`${name} has other figures.\nIngot:\n${ours}\n${name}:\n${theirs}`);
}

const isClose = (a: number, b: number | undefined): boolean => b !== undefined && Math.abs(a - b) < 0.011;

/** The revenue of each country, with its number of orders. */
function revenueOf(csv: string): Map<string, number> {
  const [, ...lines] = csv.trim().split(/\r?\n/);
  return new Map(
    lines.map((line) => {
      const [country, orders, revenue] = line.split(",");
      return [`${country} ${orders}`, Number(revenue)];
    }),
  );
}
