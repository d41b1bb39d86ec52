import type { ObjectStore } from "@ingot/common";
import {
  type KnownRuns,
  latestFolder,
  newestRuns,
  PIPELINE_MANIFEST,
  type PipelineManifest,
  type RunRecord,
  type RunStep,
  readPipelineManifest,
} from "@ingot/engine/runs";
import type { BatchFile, BatchPipeline, BatchRun, BatchStep } from "../api/contract.ts";

/** Of each pipeline. */
const RUNS_SHOWN = 10;
/** A run that nothing was heard of for so long does not run any more: none may take longer. */
const LONGEST_RUN_MS = 6 * 60 * 60_000;

export interface BatchRunsOptions {
  gold: ObjectStore;
  /** The names of the pipelines. */
  names: () => Promise<readonly string[]>;
}

/** Follows the runs of batch pipelines; of records only what is new since the last look is read. */
export class BatchRuns {
  readonly #options: BatchRunsOptions;
  readonly #pipelines = new Map<string, KnownPipeline>();

  constructor(options: BatchRunsOptions) {
    this.#options = options;
  }

  /** @throws IngotError of the storage */
  async refresh(): Promise<void> {
    for (const name of await this.#options.names()) {
      const known = this.#pipelines.get(name) ?? new KnownPipeline(name, this.#options.gold);
      this.#pipelines.set(name, known);
      await known.refresh();
    }
  }

  /** Those that have run or published something, by name. */
  describe(now: Date): BatchPipeline[] {
    return [...this.#pipelines.values()].flatMap((pipeline) => pipeline.describe(now) ?? []);
  }
}

class KnownPipeline {
  readonly #name: string;
  readonly #gold: ObjectStore;
  readonly #known: KnownRuns = new Map();
  #runs: readonly RunRecord[] = [];
  #manifest: { etag: string; manifest: PipelineManifest | undefined } | undefined;

  constructor(name: string, gold: ObjectStore) {
    this.#name = name;
    this.#gold = gold;
  }

  async refresh(): Promise<void> {
    this.#runs = await newestRuns(this.#gold, this.#name, RUNS_SHOWN, this.#known);
    const key = `${latestFolder(this.#name)}${PIPELINE_MANIFEST}`;
    const etag = (await this.#gold.stat(key))?.etag;
    if (etag === undefined) this.#manifest = undefined;
    else if (this.#manifest?.etag !== etag)
      this.#manifest = { etag, manifest: await readPipelineManifest(this.#gold, key) };
  }

  describe(now: Date): BatchPipeline | undefined {
    const manifest = this.#manifest?.manifest;
    if (this.#runs.length === 0 && !manifest) return undefined;
    const working = this.#runs.find(({ status }) => status !== "unchanged") ?? this.#runs[0];
    return {
      name: this.#name,
      runs: this.#runs.map((record, place) => describeRun(record, place === 0, now)),
      steps: working?.steps.map(describeStep) ?? [],
      ...(working && { steps_at: working.started_at }),
      files: filesOf(this.#name, manifest),
      ...(manifest && { published_at: manifest.published_at }),
    };
  }
}

function describeRun(record: RunRecord, isNewest: boolean, now: Date): BatchRun {
  const { id, trigger, due, started_at, finished_at, attempt, error, months } = record;
  const isBroken = !isNewest || now.getTime() - Date.parse(started_at) > LONGEST_RUN_MS;
  const sum = (figure: "kept" | "rejected" | "duplicates"): number =>
    record.steps.reduce((total, { records }) => total + (records?.[figure] ?? 0), 0);
  return {
    id,
    // One at a time: what a later one found running had been broken off.
    status: record.status === "running" && isBroken ? "broken" : record.status,
    trigger,
    started_at,
    attempt,
    ...(due !== undefined && { due }),
    ...(finished_at !== undefined && { finished_at }),
    ...(error !== undefined && { error }),
    ...(months !== undefined && { months: [...months] }),
    kept: sum("kept"),
    rejected: sum("rejected"),
    duplicates: sum("duplicates"),
  };
}

function describeStep({
  name,
  month,
  status,
  rows,
  days,
  took_ms,
  records,
  checks = [],
  error,
}: RunStep): BatchStep {
  return {
    name,
    status,
    ...(month !== undefined && { month }),
    ...(rows !== undefined && { rows }),
    ...(days !== undefined && { days }),
    ...(took_ms !== undefined && { took_ms }),
    ...(records && {
      records: {
        read: records.read,
        kept: records.kept,
        rejected: records.rejected,
        duplicates: records.duplicates,
        reasons: records.reasons,
      },
    }),
    checks: checks.length,
    failed_checks: checks
      .filter((check) => check.status !== "pass")
      .map(({ check, severity, expected, actual }) => ({
        check,
        severity: severity === "error" ? "error" : "warn",
        expected,
        actual,
      })),
    ...(error !== undefined && { error }),
  };
}

function filesOf(pipeline: string, manifest: PipelineManifest | undefined): BatchFile[] {
  return Object.entries(manifest?.files ?? {}).map(([name, { bytes, rows }]) => ({
    name,
    key: `${latestFolder(pipeline)}${name}`,
    size: bytes,
    ...(rows !== undefined && { rows }),
  }));
}
