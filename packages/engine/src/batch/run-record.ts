import type { CheckResult } from "../checks/check-result.ts";

/** Who started a run. */
export type Trigger = "manual" | "schedule" | "arrival";

/**
 * A run as it lies in gold, at `<pipeline>/_runs/<id>.json`: written when it begins and again when it ends. Instants are
 * UTC, ISO 8601.
 */
export interface RunRecord {
  /** `20261121T234340123Z-1f3a`: the time that it began, so that ids sort as runs were. */
  id: string;
  pipeline: string;
  trigger: Trigger;
  /** The time on the schedule that it stands for. */
  due?: string;
  started_at: string;
  finished_at?: string;
  /**
   * - `running`: or broken off where it stands, if nothing was heard of it for long
   * - `published`: gold has new deliverables
   * - `unchanged`: all was as it had been left, nothing was written
   * - `failed`: gold stays as it was
   */
  status: "running" | "published" | "unchanged" | "failed";
  /** What happened, where, what to do; where it failed. */
  error?: string;
  /** What was asked for: days or months from and to (inclusive), expected values. */
  from?: string;
  to?: string;
  /** The months that it was about, where the pipeline has months. */
  months?: readonly string[];
  /** Which attempt this is, from 1. */
  attempt: number;
  code_version: string;
  /** Keys in bronze of files that are of no table. */
  ignored?: readonly string[];
  steps: RunStep[];
  /** Keys in gold. */
  published: readonly string[];
}

export interface RunStep {
  /** The table's name; `publish` for the last one. */
  name: string;
  /** The month, where the pipeline has months. */
  month?: string;
  /**
   * - `done`: made in this run; `reused`: as an earlier run made it, and nothing it is made of has changed
   * - `failed`; `skipped`: something that it is made of failed
   */
  status: "waiting" | "running" | "done" | "reused" | "failed" | "skipped";
  /** Rows of the table; for a table cut into days of those days that were made. */
  rows?: number;
  /** Days made in this run. */
  days?: number;
  /** Milliseconds. */
  took_ms?: number;
  /** For a source: what became of the records that were read in this run. */
  records?: RecordCounts;
  /** The figures that a file of expected values may name. */
  measures?: Readonly<Record<string, string>>;
  checks?: readonly RunCheck[];
  error?: string;
}

/** read = kept + rejected + duplicates + dropped */
export interface RecordCounts {
  objects: number;
  read: number;
  kept: number;
  rejected: number;
  duplicates: number;
  /** What the source's rule takes for no record at all, such as rows that are empty but for a flag. */
  dropped: number;
  /** Of the rejected, by reason. */
  reasons: Readonly<Record<string, number>>;
}

export interface RunCheck
  extends Pick<CheckResult, "check" | "severity" | "status" | "failing" | "expected" | "actual"> {
  /** Some of the rows that fail, each in one line: `product_id 3847, price -1.50`. */
  examples?: readonly string[];
}

/** Where a pipeline's runs lie in gold. */
export const runsFolder = (pipeline: string): string => `${pipeline}/_runs/`;
export const runKey = (pipeline: string, id: string): string => `${runsFolder(pipeline)}${id}.json`;

const RUN = /^\d{8}T[^/]*\.json$/;

/** True for the key of a run's record: beside them lies what schedules remember. */
export const isRunKey = (pipeline: string, key: string): boolean =>
  key.startsWith(runsFolder(pipeline)) && RUN.test(key.slice(runsFolder(pipeline).length));

/** Where a pipeline's newest deliverables lie in gold; a month's at `monthFolder`. */
export const latestFolder = (pipeline: string): string => `${pipeline}/latest/`;
export const monthFolder = (pipeline: string, month: string): string => `${pipeline}/month=${month}/`;
/** Says what lies beside it, and is written last. */
export const PIPELINE_MANIFEST = "manifest.json";

/** What lies at `<pipeline>/latest/manifest.json`, and for each month. */
export interface PipelineManifest {
  pipeline: string;
  /** The run that published it. */
  run: string;
  published_at: string;
  month?: string;
  /** Of all that the deliverables were made of. */
  fingerprint: string;
  files: Readonly<Record<string, DeliveredFile>>;
}

export interface DeliveredFile {
  /** The version in history with the same bytes. */
  key: string;
  sha256: string;
  bytes: number;
  rows?: number;
}
