import type { Widened } from "./texts.ts";

/** The English texts of the batch pipelines' runs. */
export const en = {
  statuses: {
    running: "running",
    published: "published",
    unchanged: "nothing new",
    failed: "failed",
    broken: "broken off",
  },
  triggers: { manual: "by hand", schedule: "on schedule", arrival: "new files" },
  never: "It has not run yet.",
  began: (ago: string) => `began ${ago}`,
  took: (duration: string) => `took ${duration}`,
  attempt: (number: string) => `attempt ${number}`,
  months: (names: string) => `months ${names}`,
  steps: "Steps of the last run with work",
  step: "Step",
  status: "Status",
  stepStatuses: {
    waiting: "waiting",
    running: "running",
    done: "done",
    reused: "as before",
    failed: "failed",
    skipped: "skipped",
  },
  rows: "Rows",
  days: "Days",
  duration: "Took",
  read: "Read",
  kept: "Kept",
  rejected: "Rejected",
  duplicates: "Duplicates",
  reasons: (list: string) => `Rejected: ${list}`,
  checks: "Checks",
  checksPassed: (count: number, text: string) => (count === 1 ? "1 passed" : `${text} passed`),
  checksFailed: (failed: string, all: string) => `${failed} of ${all} failed`,
  failedCheck: (step: string, check: string, expected: string, actual: string) =>
    `${step}: ${check} – expected ${expected}, found ${actual}`,
  files: "Published files",
  published: (ago: string) => `published ${ago}`,
  download: (name: string) => `Download ${name}`,
  rowsOf: (count: number, text: string) => (count === 1 ? "1 row" : `${text} rows`),
  open: "Preview",
  openFile: (name: string) => `Preview of ${name}`,
  history: "Runs before",
  began_at: "Began",
  trigger: "Started by",
};

export type BatchTexts = Widened<typeof en>;
