import type { RecordCounts, RunRecord, RunStep } from "@ingot/engine/batch";
import { checkLine, count, isFailed, latestFiles, stepName } from "../messages.ts";

const ENDED: readonly RunStep["status"][] = ["done", "reused", "failed", "skipped"];
export const hasEnded = ({ status }: RunStep): boolean => ENDED.includes(status);

/** Milliseconds for people: `85 ms`, `1.4 s`, `3 min 20 s`. */
export function tookText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function recordsText({ read, kept, rejected, duplicates, dropped }: RecordCounts): string {
  const parts = [
    `${count(kept)} kept`,
    `${count(rejected)} rejected`,
    ...(duplicates > 0 ? [`${count(duplicates)} duplicates`] : []),
    ...(dropped > 0 ? [`${count(dropped)} empty`] : []),
  ];
  return `${count(read)} read: ${parts.join(", ")}`;
}

const STATE_WIDTH = 8;
const ROWS_WIDTH = 12;
const TOOK_WIDTH = 12;

/** The steps of a run as lines of a table. @param now milliseconds, for the step that is under way */
export function stepLines(steps: readonly RunStep[], nameWidth = widest(steps)): string[] {
  return steps.map((step) => stepLine(step, nameWidth));
}

export const widest = (steps: readonly RunStep[]): number =>
  Math.max(0, ...steps.map((step) => stepName(step).length));

export function stepLine(step: RunStep, nameWidth: number): string {
  const { status, rows, days, took_ms, records, error } = step;
  const facts = [
    ...(records && records.read > 0 ? [recordsText(records)] : []),
    ...(days !== undefined && days > 0 ? [`${count(days)} days`] : []),
    ...(error === undefined ? [] : [error.split("\n")[0]!]),
  ];
  const cells = [
    `  ${stepName(step).padEnd(nameWidth)}`,
    status.padEnd(STATE_WIDTH),
    (rows === undefined ? "" : `${count(rows)} rows`).padStart(ROWS_WIDTH),
    (took_ms === undefined ? "" : tookText(took_ms)).padStart(TOOK_WIDTH),
    `  ${facts.join("; ")}`,
  ];
  return cells.join(" ").trimEnd();
}

export interface Places {
  gold: string;
  quarantine: string;
}

/** What came of a run: what was published and where, figures, failed checks, rejects. */
export function reportLines(record: RunRecord, places: Places): string[] {
  const sections = [
    headLines(record),
    publishedLines(record, places),
    measureLines(record),
    checkLines(record),
    rejectLines(record, places),
    ignoredLines(record),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, at) => (at === 0 ? lines : ["", ...lines]));
}

function headLines({ pipeline, id, status, started_at, finished_at, months }: RunRecord): string[] {
  const took =
    finished_at === undefined ? "" : ` in ${tookText(Date.parse(finished_at) - Date.parse(started_at))}`;
  const what = {
    running: "is running",
    published: "published",
    unchanged: "changed nothing",
    failed: "failed",
  }[status];
  const about = months && months.length > 0 ? ` (${months.join(", ")})` : "";
  return [`${pipeline}${about}: run ${id} ${what}${took}`];
}

function publishedLines({ pipeline, status, published }: RunRecord, { gold }: Places): string[] {
  const folder = `${gold}/${pipeline}/latest`;
  if (status === "unchanged") return [`Gold is up to date: ${folder}`];
  if (status === "failed") return [`Nothing was published; gold is as it was: ${folder}`];
  return [`Published in ${folder}:`, ...latestFiles(pipeline, published).map((file) => `  ${file}`)];
}

function measureLines({ steps }: RunRecord): string[] {
  const figures = steps.flatMap((step) =>
    Object.entries(step.measures ?? {})
      // These stand in the table.
      .filter(([measure]) => measure !== "rows")
      .map(([measure, value]) => [`${stepName(step)} ${measure}`, value] as const),
  );
  if (figures.length === 0) return [];
  const width = Math.max(...figures.map(([name]) => name.length));
  return ["Figures:", ...figures.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)];
}

function checkLines({ steps }: RunRecord): string[] {
  const checks = steps.flatMap((step) => (step.checks ?? []).map((check) => ({ step, check })));
  if (checks.length === 0) return [];
  const failed = checks.filter(({ check }) => isFailed(check));
  const passed = checks.length - failed.length;
  return [
    `Checks: ${count(passed)} of ${count(checks.length)} passed`,
    ...failed.flatMap(({ step, check }) => [
      `  ${checkLine(step, check)}`,
      ...(check.examples ?? []).map((row) => `    ${row}`),
    ]),
  ];
}

function rejectLines({ pipeline, steps }: RunRecord, { quarantine }: Places): string[] {
  const rejected = steps.filter(({ records }) => (records?.rejected ?? 0) > 0);
  if (rejected.length === 0) return [];
  const lines = rejected.map((step) => {
    const reasons = Object.entries(step.records!.reasons).sort(([, a], [, b]) => b - a);
    const named = reasons.map(([reason, records]) => `${reason} ${count(records)}`).join(", ");
    return `  ${stepName(step)}: ${named}`;
  });
  return [`Rejected, by reason, each with its place and its reason in ${quarantine}/${pipeline}:`, ...lines];
}

function ignoredLines({ ignored = [] }: RunRecord): string[] {
  if (ignored.length === 0) return [];
  const shown = ignored.slice(0, 3).join(", ");
  return [
    `Passed over, of no table: ${shown}${ignored.length > 3 ? `, and ${count(ignored.length - 3)} more` : ""}`,
  ];
}
