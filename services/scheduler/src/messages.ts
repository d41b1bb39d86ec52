import type { Alarm, Notice } from "@ingot/common";
import type { RunCheck, RunRecord, RunStep } from "@ingot/engine/batch";
import type { RunResult } from "./batches.ts";
import { failureOf } from "./run-under-lease.ts";

export const alarmId = (pipeline: string): string => `run/${pipeline}`;

/** What is told of a run that failed. @param occasion the same for as long as nothing has changed */
export function failureAlarm(result: RunResult, occasion: string): Alarm {
  const { pipeline, id, attempt, steps } = result.record;
  const text = failureText(result);
  const [title = "", ...others] = text.split("\n");
  const failed = steps.find(({ status }) => status === "failed");
  const checks = (failed?.checks ?? []).filter((check) => isFailed(check) && !text.includes(check.check));
  const lines = [
    ...others,
    ...checks.map((check) => checkLine(failed!, check)),
    `Run ${id}${attempt > 1 ? `, attempt ${attempt}` : ""}. Gold is as it was.`,
  ];
  return { id: alarmId(pipeline), severity: "error", title, details: lines.join("\n"), occasion };
}

/** What is told of a run whose process ended in the middle of it again and again. */
export function givenUpAlarm(pipeline: string, broken: number, occasion: string): Alarm {
  return {
    id: alarmId(pipeline),
    severity: "error",
    title: `The run of ${pipeline} is given up: its process ended in the middle of it ${broken} times`,
    details: `Look whether there is enough memory, then start it by hand: ingot run ${pipeline}. It runs again by itself when it is due next, or other files are there.`,
    occasion,
  };
}

/** Why a run failed: where, what, and what to do. */
export function failureText(result: RunResult): string {
  const { pipeline, steps } = result.record;
  const { message } = failureOf(result);
  const failed = steps.find(({ status }) => status === "failed");
  const isNamed = failed === undefined || message.includes(failed.name);
  return `The run of ${pipeline} failed${isNamed ? "" : ` at ${stepName(failed)}`}: ${message}`;
}

/** What is told of a run that succeeded. */
export function successNotice({ pipeline, id, status, steps, published }: RunRecord, url: string): Notice {
  if (status === "unchanged") {
    return { title: `${pipeline} is up to date: run ${id} found nothing new.` };
  }
  const files = latestFiles(pipeline, published);
  const rows = steps
    .filter(({ rows }) => rows !== undefined)
    .map((step) => `${stepName(step)} ${count(step.rows!)}`);
  const rejected = steps.flatMap(({ records }) => Object.entries(records?.reasons ?? {}));
  const warnings = steps.flatMap((step) =>
    (step.checks ?? []).filter(isFailed).map((check) => checkLine(step, check)),
  );
  const lines = [
    `Published: ${files.join(", ")} in ${url}/${pipeline}/latest`,
    ...(rows.length > 0 ? [`Rows: ${rows.join(", ")}`] : []),
    `Rejected: ${rejected.length === 0 ? "nothing" : reasonsText(rejected)}`,
    ...warnings,
  ];
  return { title: `${pipeline} is published: run ${id}`, details: lines.join("\n") };
}

/** The names of files that a run has put among the newest ones; of a month where it published an earlier one alone. */
export function latestFiles(pipeline: string, published: readonly string[]): string[] {
  const folder = `${pipeline}/latest/`;
  const latest = published.filter((key) => key.startsWith(folder)).map((key) => key.slice(folder.length));
  const files = latest.length > 0 ? latest : published.map((key) => key.slice(pipeline.length + 1));
  return files.filter((file) => !file.endsWith("manifest.json"));
}

export const isFailed = ({ status }: RunCheck): boolean => status !== "pass";

export function checkLine(step: RunStep, { check, severity, expected, actual }: RunCheck): string {
  const mark = severity === "warn" ? "Warning, check" : "Check";
  return `${mark} ${check} of ${stepName(step)}: expected ${expected}, found ${actual}`;
}

export const stepName = ({ name, month }: RunStep): string =>
  month === undefined ? name : `${name} (${month})`;

/** `7 records (bad_price 4, no_sku 3)`, the most frequent first. */
export function reasonsText(reasons: readonly (readonly [string, number])[]): string {
  const sums = new Map<string, number>();
  for (const [reason, records] of reasons) sums.set(reason, (sums.get(reason) ?? 0) + records);
  const most = [...sums].sort(([, a], [, b]) => b - a);
  const total = most.reduce((sum, [, records]) => sum + records, 0);
  return `${count(total)} ${total === 1 ? "record" : "records"} (${most.map(([reason, records]) => `${reason} ${count(records)}`).join(", ")})`;
}

export const count = (value: number): string => value.toLocaleString("en-US");
