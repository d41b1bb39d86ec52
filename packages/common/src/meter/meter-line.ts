import type { MeterUnit, Work } from "./meter.ts";

/** How far a piece of work is. */
export interface Reading extends Work {
  done: number;
  /** Units a second, lately; `undefined` while too little is known. */
  rate: number | undefined;
  /** Milliseconds since it began. */
  elapsedMs: number;
}

const BAR_WIDTH = 24;
const MEGABYTE = 1_000_000;

/**
 * One line: what is done, how much of how much, how fast, and how long it will take. It has at most `columns` characters,
 * each one column wide: a line that wraps could not be taken away again.
 */
export function meterLine({ title, unit, total, done, rate }: Reading, columns: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const full = Math.floor(share * BAR_WIDTH);
  const bar = `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}`;
  const facts = [
    `${Math.floor(share * 100)}%`.padStart(4),
    amountOf(done, total, unit),
    ...speedFacts(rate, total - done, unit),
  ];
  const [short, long] = [[title, ...facts].join("  "), [title, bar, ...facts].join("  ")];
  return (long.length <= columns ? long : short).slice(0, Math.max(0, columns));
}

/** One line for when it is over. */
export function summaryLine({ past, unit, total, done, elapsedMs }: Reading & { past: string }): string {
  const seconds = elapsedMs / 1000;
  const amount = done >= total ? inUnit(total, unit) : amountOf(done, total, unit);
  return `${past} ${amount} in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s, ${rateText(done / seconds, unit)}`;
}

function speedFacts(rate: number | undefined, left: number, unit: MeterUnit): string[] {
  // What was counted is done, but the work has not said so: there is an index to be made, or a file to be put in place.
  if (left <= 0) return ["finishing"];
  return rate === undefined || rate <= 0 ? [] : [rateText(rate, unit), `${duration(left / rate)} left`];
}

function amountOf(done: number, total: number, unit: MeterUnit): string {
  const [some, all] =
    unit === "bytes" ? [megabytes(done, total), inUnit(total, unit)] : [count(done), inUnit(total, unit)];
  return `${some}/${all}`;
}

const inUnit = (amount: number, unit: MeterUnit): string =>
  unit === "bytes" ? `${megabytes(amount, amount)} MB` : `${count(amount)} ${unit}`;

function rateText(rate: number, unit: MeterUnit): string {
  if (unit === "bytes") return `${megabytes(rate, rate)} MB/s`;
  return `${rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)}/s`;
}

/** Megabytes, as exactly as befits a number of the size of `scale`. */
const megabytes = (bytes: number, scale: number): string =>
  scale < 100 * MEGABYTE ? (bytes / MEGABYTE).toFixed(1) : count(Math.round(bytes / MEGABYTE));

function duration(seconds: number): string {
  const whole = Math.ceil(Math.max(0, seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

const count = (amount: number): string => amount.toLocaleString("en-US");
