import { styleText } from "node:util";
import type { CleanCounts } from "@ingot/pipelines";
import { count } from "./amounts.ts";

/** What has gone through the layers since the start. */
export interface Totals extends CleanCounts {
  /** All orders in the warehouse, and their revenue as gold shows it. */
  orders: string;
  revenue: string;
  /** When gold last changed. */
  goldAt: Date | undefined;
}

/** The terminal, or whatever takes its place. */
export interface Screen {
  isTerminal: boolean;
  columns: number;
  write(text: string): void;
}

/** On a terminal the figures stay in place and change; elsewhere a line now and then says the same. */
export interface Progress {
  show(totals: Totals): void;
  /** Leaves the last figures standing: something else is about to be written below them. */
  interrupt(): void;
}

/** Without a terminal: a line for each of the first changes, then one a minute, so that logs stay short. */
const FIRST_LINES = 5;
const LINE_EVERY_MS = 60_000;
const LABEL_WIDTH = 11;

export function createProgress(screen: Screen, now: () => Date): Progress {
  return screen.isTerminal ? liveBlock(screen) : occasionalLines(screen, now);
}

function liveBlock(screen: Screen): Progress {
  let height = 0;
  return {
    show: (totals) => {
      // A line that wraps would break the block.
      const lines = block(totals).map((line) => emphasise(line.slice(0, screen.columns - 1)));
      const up = height > 0 ? `\u001b[${height}A` : "";
      screen.write(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join("")}`);
      height = lines.length;
    },
    interrupt: () => {
      height = 0;
    },
  };
}

function occasionalLines(screen: Screen, now: () => Date): Progress {
  let lines = 0;
  let lastAt = 0;
  let last = "";
  return {
    show: (totals) => {
      const line = oneLine(totals);
      const at = now().getTime();
      const isEmpty = totals.read === 0 && totals.orders === "0";
      if (isEmpty || line === last || (lines >= FIRST_LINES && at - lastAt < LINE_EVERY_MS)) return;
      screen.write(`${now().toISOString().slice(11, 19)}  ${line}\n`);
      lines += 1;
      lastAt = at;
      last = line;
    },
    interrupt: () => undefined,
  };
}

function block(totals: Totals): string[] {
  const row = (name: string, rows: string, what: string): string =>
    `  ${name.padEnd(LABEL_WIDTH)}${rows.padStart(12)}  ${what}`;
  return [
    row("bronze", count(totals.read), "raw records read since the start"),
    row("silver", count(totals.kept), "clean rows"),
    row("quarantine", count(totals.rejected), `rejected${mostFrequent(totals.reasons)}`),
    row("", count(totals.duplicates), "older versions of the same record dropped"),
    row("gold", totals.orders, `orders, revenue ${grouped(totals.revenue)}${updated(totals)}`),
  ];
}

function oneLine(totals: Totals): string {
  const { read, kept, rejected, duplicates, orders, revenue } = totals;
  return (
    `bronze ${count(read)} read -> silver ${count(kept)} kept, ${count(rejected)} rejected, ` +
    `${count(duplicates)} duplicates -> gold ${orders} orders, revenue ${grouped(revenue)}`
  );
}

function mostFrequent(reasons: Readonly<Record<string, number>>): string {
  const most = Object.entries(reasons).sort(([, a], [, b]) => b - a);
  const named = most.slice(0, 3).map(([reason, times]) => `${reason} ${count(times)}`);
  return named.length === 0 ? "" : `: ${named.join(", ")}${most.length > 3 ? ", …" : ""}`;
}

function updated({ goldAt }: Totals): string {
  return goldAt ? `  (${goldAt.toTimeString().slice(0, 8)})` : "";
}

function emphasise(line: string): string {
  const label = line.slice(0, LABEL_WIDTH + 2);
  return styleText("bold", label) + line.slice(label.length);
}

/** Thousands apart, digit for digit: an amount may have more digits than a floating-point number. */
function grouped(amount: string): string {
  return amount.replace(/\B(?=(\d{3})+\.)/g, ",");
}
