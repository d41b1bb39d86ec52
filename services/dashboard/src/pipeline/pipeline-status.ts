import type { Lake } from "@ingot/common";
import {
  type CleanCounts,
  isStopping,
  type LakeSurvey,
  type LayerSize,
  type LoggedCheck,
} from "@ingot/pipelines";
import type {
  CheckStatus,
  IngestRun,
  LayerStatus,
  PipelineStatus,
  RejectReason,
  ServiceStatus,
} from "../api/contract.ts";
import type { BatchRuns } from "./batch-runs.ts";
import type { GoldFigures } from "./gold-figures.ts";
import type { RejectSampleReader } from "./reject-samples.ts";
import type { TakenIn } from "./warehouse-figures.ts";

const RUNS_SHOWN = 50;
const RATE_MINUTES = 5;
const MINUTE_MS = 60_000;

/** What is known of the pipeline; `undefined` where nobody could look yet. */
export interface Known {
  survey: LakeSurvey | undefined;
  gold: GoldFigures | undefined;
  takenIn: TakenIn | undefined;
  schemaChanges: PipelineStatus["schema_changes"];
  samples: RejectSampleReader;
  batchRuns: BatchRuns;
}

export function describePipeline(lake: Pick<Lake, "url">, known: Known, now: Date): PipelineStatus {
  const { survey, gold, takenIn } = known;
  const { bronze, silver, quarantine } = survey?.layers ?? {};
  const rates = takenIn && ratesOf(takenIn.runs, now);
  const total = takenIn && totalOf(takenIn);
  const oldest = survey?.oldest("bronze", "silver");
  return {
    at: now.toISOString(),
    lake: lake.url,
    layers: {
      bronze: layerStatus(bronze, total?.read, rates?.read),
      silver: layerStatus(silver, total?.kept, rates?.kept),
      quarantine: layerStatus(quarantine, total?.rejected, rates?.rejected),
      gold: layerStatus(gold?.size, gold?.rows, undefined),
    },
    backlog: {
      bronze: survey?.bronze.size ?? null,
      silver: takenIn && survey ? survey.silver.size : null,
      lag_seconds: takenIn && survey ? secondsSince(oldest, now) : null,
    },
    services: servicesOf(known, now),
    rejects: rejectsOf(known),
    checks: (gold?.checks ?? []).map(checkStatus),
    is_blocked: (gold?.checks ?? []).some(isStopping),
    runs: (takenIn?.runs ?? []).slice(0, RUNS_SHOWN),
    schema_changes: known.schemaChanges,
    batch: known.batchRuns.describe(now),
  };
}

function layerStatus(
  size: LayerSize | undefined,
  rows: number | undefined,
  perMinute: number | undefined,
): LayerStatus {
  return {
    objects: size?.objects ?? null,
    bytes: size?.bytes ?? null,
    rows: rows ?? null,
    rows_per_minute: perMinute ?? null,
    newest_at: size?.newest?.toISOString() ?? null,
  };
}

type Counted = Pick<CleanCounts, "read" | "kept" | "rejected">;

function totalOf({ datasets }: TakenIn): Counted {
  return sumOf([...datasets.values()]);
}

function ratesOf(runs: readonly IngestRun[], now: Date): Counted {
  const since = new Date(now.getTime() - RATE_MINUTES * MINUTE_MS).toISOString();
  const { read, kept, rejected } = sumOf(runs.filter(({ at }) => at >= since));
  const rate = (rows: number): number => Math.round((rows / RATE_MINUTES) * 10) / 10;
  return { read: rate(read), kept: rate(kept), rejected: rate(rejected) };
}

function sumOf(counts: readonly Counted[]): Counted {
  const sum = { read: 0, kept: 0, rejected: 0 };
  for (const { read, kept, rejected } of counts) {
    sum.read += read;
    sum.kept += kept;
    sum.rejected += rejected;
  }
  return sum;
}

/** Never negative: clocks differ. */
function secondsSince(instant: Date | undefined, now: Date): number {
  return instant === undefined ? 0 : Math.max(0, Math.round((now.getTime() - instant.getTime()) / 1000));
}

function servicesOf({ survey, gold, takenIn }: Known, now: Date): ServiceStatus[] {
  const newestRun = takenIn?.runs[0]?.at;
  const aggregated = newestOf(gold?.size.newest, newestRun === undefined ? undefined : new Date(newestRun));
  const waitingSilver = takenIn && survey?.oldest("silver");
  return [
    serviceStatus("generator", survey?.layers.bronze.newest, undefined, now),
    serviceStatus("cleaner", survey?.cleanedAt, survey?.oldest("bronze"), now),
    serviceStatus("aggregator", aggregated, waitingSilver, now),
    // It answers, and writes nothing.
    { name: "dashboard", state: "working", last_work_at: null },
  ];
}

function serviceStatus(
  name: ServiceStatus["name"],
  lastWork: Date | undefined,
  oldestWaiting: Date | undefined,
  now: Date,
): ServiceStatus {
  const isOlder = (instant: Date): boolean => now.getTime() - instant.getTime() > MINUTE_MS;
  const state = (): ServiceStatus["state"] => {
    if (oldestWaiting && isOlder(oldestWaiting)) return "behind";
    if (!lastWork) return "unknown";
    return isOlder(lastWork) ? "idle" : "working";
  };
  return { name, state: state(), last_work_at: lastWork?.toISOString() ?? null };
}

function newestOf(...instants: (Date | undefined)[]): Date | undefined {
  return instants.reduce((newest, instant) => (!newest || (instant && instant > newest) ? instant : newest));
}

function rejectsOf({ takenIn, samples }: Known): RejectReason[] {
  const reasons = [...(takenIn?.datasets ?? [])].flatMap(([dataset, counts]) =>
    Object.entries(counts.reasons).map(([reason, records]) => ({
      dataset,
      reason,
      records,
      share: counts.read === 0 ? 0 : records / counts.read,
      samples: samples.of(takenIn?.rejects.get(dataset)?.get(reason) ?? [], reason),
    })),
  );
  return reasons.sort((a, b) => b.records - a.records);
}

function checkStatus({
  layer,
  model,
  check,
  severity,
  status,
  expected,
  actual,
  run_at,
}: LoggedCheck): CheckStatus {
  return {
    layer,
    model,
    check,
    severity: severity === "error" ? "error" : "warn",
    status: status === "pass" || status === "fail" ? status : "error",
    expected,
    actual,
    run_at,
  };
}
