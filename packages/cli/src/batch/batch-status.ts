import type { Lake } from "@ingot/common";
import {
  latestFolder,
  newestRuns,
  PIPELINE_MANIFEST,
  pipelineInputs,
  type RunRecord,
  readPipelineManifest,
} from "@ingot/engine/batch";
import { loadPipeline } from "@ingot/pipelines/batch";
import { batchRejected } from "../quarantine/batch-rejected.ts";

/** What lies in the lake for a pipeline that works in batches. */
export interface BatchStatus {
  bronze: {
    objects: number;
    bytes: number;
    /** Objects by table. */
    tables: Record<string, number>;
    /** Keys of files that are of no table. */
    ignored: readonly string[];
  };
  /** What lies in quarantine: records by reason, of how many objects. */
  quarantine: { objects: number; rows: number; reasons: Record<string, number> };
  newest_run:
    | Pick<RunRecord, "id" | "trigger" | "started_at" | "finished_at" | "status" | "error">
    | undefined;
  /** The newest deliverables; absent where nothing was published yet. */
  published:
    | { run: string; at: string; month?: string; files: Record<string, { rows?: number; bytes: number }> }
    | undefined;
}

/** What lies in the lake for a pipeline. @throws IngotError of the storage */
export async function batchStatus(lake: Lake, name: string): Promise<BatchStatus> {
  const pipeline = await loadPipeline(name);
  const [inputs, rejected, [run], manifest] = await Promise.all([
    pipelineInputs(pipeline, lake.bronze),
    batchRejected(lake, name),
    newestRuns(lake.gold, name, 1),
    readPipelineManifest(lake.gold, `${latestFolder(name)}${PIPELINE_MANIFEST}`),
  ]);
  const tables: Record<string, number> = {};
  for (const { table } of inputs.objects) tables[table.name] = (tables[table.name] ?? 0) + 1;
  const reasons: Record<string, number> = {};
  for (const { counts } of rejected)
    for (const [reason, records] of Object.entries(counts.reasons))
      reasons[reason] = (reasons[reason] ?? 0) + records;
  return {
    bronze: {
      objects: inputs.objects.length + inputs.expected.length,
      bytes: [...inputs.objects, ...inputs.expected].reduce((sum, { size }) => sum + size, 0),
      tables,
      ignored: inputs.ignored,
    },
    quarantine: {
      objects: rejected.length,
      rows: rejected.reduce((sum, { counts }) => sum + counts.rejected, 0),
      reasons,
    },
    newest_run: run && {
      id: run.id,
      trigger: run.trigger,
      started_at: run.started_at,
      ...(run.finished_at !== undefined && { finished_at: run.finished_at }),
      status: run.status,
      ...(run.error !== undefined && { error: run.error }),
    },
    published: manifest && {
      run: manifest.run,
      at: manifest.published_at,
      ...(manifest.month !== undefined && { month: manifest.month }),
      files: Object.fromEntries(
        Object.entries(manifest.files).map(([file, { rows, bytes }]) => [
          file,
          { ...(rows !== undefined && { rows }), bytes },
        ]),
      ),
    },
  };
}
