import type { ObjectInfo, ObjectStore } from "@ingot/common";
import type { Pipeline, RunOptions, RunRecord } from "@ingot/engine/batch";

/** What lies in bronze for a pipeline. */
export interface Inputs {
  objects: readonly ObjectInfo[];
  /** Keys of files that are of no table. */
  ignored: readonly string[];
  /** Differs where a file was added, replaced or removed. */
  fingerprint: string;
}

/** What became of a run: it never rejects. */
export interface RunResult {
  record: RunRecord;
  /** Why it failed. */
  error?: unknown;
}

/** The pipelines that there are, and what runs them. */
export interface Batches {
  names(): Promise<readonly string[]>;
  /** @throws IngotError `usage` where there is no pipeline of this name */
  load(name: string): Promise<Pipeline>;
  inputs(pipeline: Pipeline, bronze: ObjectStore): Promise<Inputs>;
  run(pipeline: Pipeline, options: RunOptions): Promise<RunResult>;
}
