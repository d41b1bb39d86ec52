export const LAYER_NAMES = ["bronze", "silver", "quarantine", "gold"] as const;
export type LayerName = (typeof LAYER_NAMES)[number];

/** `GET /api/status`: the pipeline. */
export interface PipelineStatus {
  /** When this was looked at. */
  at: string;
  lake: string;
  layers: Record<LayerName, LayerStatus>;
  backlog: {
    /** Raw files that are not cleaned yet; `null` where that is not known yet. */
    bronze: number | null;
    /** Silver objects that are not in gold yet. */
    silver: number | null;
    /** Age of the oldest of them in seconds, 0 where there are none. */
    lag_seconds: number | null;
  };
  services: ServiceStatus[];
  /** By records, the most first. */
  rejects: RejectReason[];
  checks: CheckStatus[];
  /** True while a failed check keeps new figures out of gold. */
  is_blocked: boolean;
  /** What went into the warehouse, newest first; at most 50. */
  runs: IngestRun[];
  /** How the files of a dataset have changed, newest first. */
  schema_changes: { dataset: string; at: string; change: string }[];
  /** The pipelines that work in batches and have run, by name. */
  batch: BatchPipeline[];
}

export interface LayerStatus {
  /** `null` where that is not known yet. */
  objects: number | null;
  bytes: number | null;
  /** Bronze: raw records read; silver: clean rows; quarantine: rejected records; gold: rows of the KPIs. */
  rows: number | null;
  /** Rows a minute, over the last five minutes. */
  rows_per_minute: number | null;
  /** When the newest object was written. */
  newest_at: string | null;
}

export interface ServiceStatus {
  name: "generator" | "cleaner" | "aggregator" | "dashboard";
  /**
   * `working`: did something within the last minute; `idle`: nothing to do; `behind`: work has been waiting for more than a
   * minute; `unknown`: it left no trace yet.
   */
  state: "working" | "idle" | "behind" | "unknown";
  /** When it last wrote something. */
  last_work_at: string | null;
}

export interface RejectReason {
  dataset: string;
  reason: string;
  records: number;
  /** Of all records of the dataset, 0 to 1. */
  share: number;
  samples: RejectSample[];
}

/** Where a rejected record lies, and what was wrong in it; never what says who somebody is. */
export interface RejectSample {
  source_key: string;
  /** The place in the file, from 0. */
  index: number;
  /** In a file of lines, the record's as editors count them, from 1. */
  line?: number;
  field?: string;
  /** Letters as `a`, digits as `9` where the field is personal. */
  value?: string;
}

export interface CheckStatus {
  layer: string;
  model: string;
  check: string;
  severity: "warn" | "error";
  status: "pass" | "fail" | "error";
  expected: string;
  actual: string;
  run_at: string;
}

export interface IngestRun {
  at: string;
  objects: number;
  read: number;
  kept: number;
  rejected: number;
  duplicates: number;
}

export interface BatchPipeline {
  name: string;
  /** The newest first; at most 10. */
  runs: BatchRun[];
  /** Of the newest run that found something to do, in their order. */
  steps: BatchStep[];
  /** When that began; absent where there is none. */
  steps_at?: string;
  /** What it published last; `GET /api/objects/content?layer=gold&key=` has them. */
  files: BatchFile[];
  /** When that was; absent where it was never. */
  published_at?: string;
}

export interface BatchRun {
  id: string;
  /** `broken`: it ended without a word; `unchanged`: nothing was new; `failed`: gold stayed as it was. */
  status: "running" | "published" | "unchanged" | "failed" | "broken";
  trigger: "manual" | "schedule" | "arrival";
  /** The time on the schedule that it stands for. */
  due?: string;
  started_at: string;
  finished_at?: string;
  /** From 1. */
  attempt: number;
  /** What happened, where it failed. */
  error?: string;
  /** What it was about, where the pipeline has months. */
  months?: string[];
  /** Records read in this run. */
  kept: number;
  rejected: number;
  duplicates: number;
}

export interface BatchStep {
  /** The table's name; `publish` for the last one. */
  name: string;
  month?: string;
  /** `reused`: as an earlier run made it; `skipped`: something that it is made of failed. */
  status: "waiting" | "running" | "done" | "reused" | "failed" | "skipped";
  rows?: number;
  /** Days that were made, where the table is cut into days. */
  days?: number;
  /** Milliseconds. */
  took_ms?: number;
  records?: {
    read: number;
    kept: number;
    rejected: number;
    duplicates: number;
    /** Rejected records by reason. */
    reasons: Readonly<Record<string, number>>;
  };
  /** How many ran. */
  checks: number;
  failed_checks: { check: string; severity: "warn" | "error"; expected: string; actual: string }[];
  error?: string;
}

export interface BatchFile {
  name: string;
  /** In gold. */
  key: string;
  /** Bytes. */
  size: number;
  rows?: number;
}

/** `GET /api/objects?layer=silver|gold&prefix=&after=`: a folder of the lake, up to 500 entries. */
export interface ObjectListing {
  layer: "silver" | "gold";
  prefix: string;
  /** Names of folders, with a slash at the end. */
  folders: string[];
  objects: { key: string; size: number; modified: string; can_preview: boolean }[];
  /** Pass it as `after` for what follows; absent at the end. */
  next?: string;
}

/** `GET /api/objects/preview?layer=&key=`: the first 50 rows of a CSV or Parquet file, or the beginning of a text. */
export interface ObjectPreview {
  layer: "silver" | "gold";
  key: string;
  size: number;
  modified: string;
  metadata: Record<string, string>;
  columns?: string[];
  rows?: string[][];
  text?: string;
  /** There is more than what is shown. */
  is_cut: boolean;
}
