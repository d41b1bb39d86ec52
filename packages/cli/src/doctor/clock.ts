import { type Finding, failed, fine, notChecked, warning } from "./finding.ts";
import type { HttpAnswer } from "./http-answer.ts";

const WARN_MS = 5_000;
/** S3 refuses requests whose time is 15 minutes off. */
const FAIL_MS = 14 * 60_000;
/** The Date header counts whole seconds. */
const HALF_SECOND_MS = 500;

/** How far this machine's clock and the store's are apart, by the dates in its answers. */
export function checkClock(host: string, answers: readonly HttpAnswer[]): Finding {
  const offsets = answers.flatMap(({ headers, sentAt, answeredAt }) => {
    const date = Date.parse(headers.date ?? "");
    return Number.isNaN(date) ? [] : [date + HALF_SECOND_MS - (sentAt + answeredAt) / 2];
  });
  if (offsets.length === 0) return notChecked("clock", host, "the store's answers carry no date");
  const offset = offsets.reduce((least, value) => (Math.abs(value) < Math.abs(least) ? value : least));
  return clockFinding(`the clock of ${host}`, host, offset);
}

/** @param offsetMs by how much the other clock is ahead of this machine's */
export function clockFinding(other: string, subject: string, offsetMs: number): Finding {
  const size = Math.abs(offsetMs);
  if (size < WARN_MS) return fine("clock", subject, `this machine's clock and ${other} agree`);
  const apart = `This machine's clock is ${duration(size)} ${offsetMs > 0 ? "behind" : "ahead of"} ${other}.`;
  const remedy =
    "Compare both with another clock, and set the wrong one. On Linux: sudo timedatectl set-ntp true; Docker Desktop: restart it.";
  if (size < FAIL_MS) return warning("clock", subject, apart, remedy);
  return failed("clock", subject, `${apart} S3 refuses requests that are 15 minutes off.`, remedy);
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
