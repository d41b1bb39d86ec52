import type { DatasetName } from "./dataset-name.ts";
import { type Facet, facet, producer } from "./facets.ts";

/** A dataset that a run read or wrote. Figures are of this run alone. */
export interface LineageDataset extends DatasetName {
  columns?: readonly { name: string; type?: string }[];
  rows?: number | undefined;
  bytes?: number | undefined;
  /** Objects. */
  files?: number | undefined;
  checks?: readonly LineageCheck[];
}

/** What came of a check of a dataset. Never a value out of the data: events leave the house. */
export interface LineageCheck {
  /** What kind of check it is: `not_null`. */
  assertion: string;
  success: boolean;
  name?: string;
  column?: string;
  severity?: "warn" | "error";
  expected?: string;
  actual?: string;
  /** The SQL that was run. */
  query?: string;
}

/** What a run has done. */
export interface RunData {
  inputs: readonly LineageDataset[];
  outputs: readonly LineageDataset[];
}

export type RunState = "START" | "COMPLETE" | "FAIL" | "ABORT";

export interface RunEvent {
  eventType: RunState;
  /** UTC, ISO 8601. */
  eventTime: string;
  producer: string;
  schemaURL: string;
  run: { runId: string; facets: Readonly<Record<string, Facet>> };
  job: { namespace: string; name: string; facets: Readonly<Record<string, Facet>> };
  inputs: readonly object[];
  outputs: readonly object[];
}

export interface RunEventOptions {
  state: RunState;
  at: Date;
  runId: string;
  job: { namespace: string; name: string };
  version: string;
  /** Why the run failed. */
  error?: string | undefined;
  data?: RunData | undefined;
}

const SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/** An event about a run (OpenLineage 2-0-2, `RunEvent`). */
export function runEvent({ state, at, runId, job, version, error, data }: RunEventOptions): RunEvent {
  const engine = facet("ProcessingEngineRunFacet", {
    name: "Ingot",
    version,
    openlineageAdapterVersion: version,
  });
  const failure: Record<string, Facet> = {};
  if (error !== undefined) {
    const content = { message: error, programmingLanguage: "TypeScript" };
    failure.errorMessage = facet("ErrorMessageRunFacet", content);
  }
  const jobType = facet("JobTypeJobFacet", { processingType: "BATCH", integration: "INGOT", jobType: "JOB" });
  return {
    eventType: state,
    eventTime: at.toISOString(),
    producer: producer(),
    schemaURL: SCHEMA,
    run: { runId, facets: { processing_engine: engine, ...failure } },
    job: { ...job, facets: { jobType } },
    inputs: (data?.inputs ?? []).map(inputOf),
    outputs: (data?.outputs ?? []).map(outputOf),
  };
}

function inputOf(dataset: LineageDataset): object {
  const { namespace, name, rows, bytes, files } = dataset;
  const hasFigures = rows !== undefined || bytes !== undefined || files !== undefined;
  const figures = { rowCount: rows, fileCount: files };
  const statistics = hasFigures && {
    inputStatistics: facet("InputStatisticsInputDatasetFacet", { ...figures, size: bytes }),
    dataQualityMetrics: facet("DataQualityMetricsInputDatasetFacet", {
      ...figures,
      bytes,
      columnMetrics: {},
    }),
  };
  const inputFacets = { ...statistics, ...checksOf(dataset) };
  return { namespace, name, facets: schemaOf(dataset), inputFacets };
}

function outputOf(dataset: LineageDataset): object {
  const { namespace, name, rows, bytes, files } = dataset;
  const hasFigures = rows !== undefined || bytes !== undefined || files !== undefined;
  const statistics = { rowCount: rows, size: bytes, fileCount: files };
  const outputFacets = hasFigures && {
    outputStatistics: facet("OutputStatisticsOutputDatasetFacet", statistics),
  };
  return {
    namespace,
    name,
    facets: { ...schemaOf(dataset), ...checksOf(dataset) },
    outputFacets: outputFacets || {},
  };
}

function schemaOf({ columns }: LineageDataset): Readonly<Record<string, Facet>> {
  if (!columns) return {};
  const fields = columns.map((column, at) => ({ ...column, ordinal_position: at + 1 }));
  return { schema: facet("SchemaDatasetFacet", { fields }) };
}

function checksOf({ checks = [] }: LineageDataset): Readonly<Record<string, Facet>> {
  if (checks.length === 0) return {};
  const assertions = checks.map(({ query, ...check }) => ({
    ...check,
    ...(query === undefined ? {} : { content: query, contentType: "sql" }),
  }));
  return { dataQualityAssertions: facet("DataQualityAssertionsDatasetFacet", { assertions }) };
}
