/** What a metric is, as Prometheus has it. */
export interface MetricSpec {
  type: "counter" | "gauge" | "histogram";
  help: string;
  /** Beside `service`, which each has. Values come from short fixed lists: names of datasets, layers, codes. */
  labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in its unit. */
  buckets?: readonly number[];
}

const metric = <const Spec extends MetricSpec>(spec: Spec): Spec => spec;

/** From the request to a nearby store to the one that was tried three times. */
const REQUEST_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];
/** From a pass that finds nothing to one that fills the warehouse anew. */
const PASS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600];
/** From an object of which the store told at once to one that lay over a weekend. */
const LAG_SECONDS = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 43_200, 259_200];

/** Every metric of every service, by name: seconds, bytes and whole things, counters end in `_total`. */
export const METRICS = {
  ingot_healthy: metric({
    type: "gauge",
    help: "1 while the service makes progress, as /health tells, else 0.",
    labels: [],
  }),
  ingot_last_progress_timestamp_seconds: metric({
    type: "gauge",
    help: "When the service last made progress.",
    labels: [],
  }),
  ingot_pass_duration_seconds: metric({
    type: "histogram",
    help: "Duration of the passes of a service's polling loop; failed ones are tried again.",
    labels: ["outcome"],
    buckets: PASS_SECONDS,
  }),
  ingot_pass_failures_total: metric({
    type: "counter",
    help: "Passes that failed as a whole and were tried again, by error code.",
    labels: ["code"],
  }),
  ingot_object_failures_total: metric({
    type: "counter",
    help: "Objects that a pass could not work off, counted at each try, by error code.",
    labels: ["code"],
  }),
  ingot_failing_objects: metric({
    type: "gauge",
    help: "Objects that the last pass could not work off.",
    labels: [],
  }),
  ingot_storage_request_duration_seconds: metric({
    type: "histogram",
    help: "Duration of calls of the storage, retries included; of a listing the time that was waited for it.",
    labels: ["layer", "operation"],
    buckets: REQUEST_SECONDS,
  }),
  ingot_storage_errors_total: metric({
    type: "counter",
    help: "Calls of the storage that failed after all retries, by error code.",
    labels: ["layer", "operation", "code"],
  }),
  ingot_storage_retries_total: metric({
    type: "counter",
    help: "Requests that the S3 client sent again.",
    labels: ["layer"],
  }),
  ingot_storage_bytes_total: metric({
    type: "counter",
    help: "Bytes of objects that were read and written.",
    labels: ["layer", "direction"],
  }),
  ingot_objects_total: metric({
    type: "counter",
    help: "Objects worked off: written by the generator, cleaned by the cleaner, taken in by the aggregator.",
    labels: ["dataset"],
  }),
  ingot_generated_records_total: metric({
    type: "counter",
    help: "Records that the simulated shop has written.",
    labels: ["dataset"],
  }),
  ingot_records_total: metric({
    type: "counter",
    help: "Raw records read by the cleaner, by what became of them: kept, rejected, duplicate.",
    labels: ["dataset", "outcome"],
  }),
  ingot_rejected_records_total: metric({
    type: "counter",
    help: "Raw records that the cleaner rejected, by reason.",
    labels: ["dataset", "reason"],
  }),
  ingot_waiting_objects: metric({
    type: "gauge",
    help: "Objects that are found and not worked off yet.",
    labels: [],
  }),
  ingot_waiting_seconds: metric({
    type: "gauge",
    help: "Age of the oldest object that is found and not worked off yet; 0 where none is.",
    labels: [],
  }),
  ingot_lag_seconds: metric({
    type: "histogram",
    help: "From the time that the storage took an object in until it is in the next layer.",
    labels: ["stage"],
    buckets: LAG_SECONDS,
  }),
  ingot_ingested_rows_total: metric({
    type: "counter",
    help: "Silver rows that the aggregator has taken into the warehouse.",
    labels: ["dataset"],
  }),
  ingot_ingest_duration_seconds: metric({
    type: "histogram",
    help: "Duration of taking silver objects into the warehouse, a batch or all of them.",
    labels: ["way"],
    buckets: PASS_SECONDS,
  }),
  ingot_published_kpis_total: metric({
    type: "counter",
    help: "KPIs that changed in gold.",
    labels: [],
  }),
  ingot_gold_changed_timestamp_seconds: metric({
    type: "gauge",
    help: "When a KPI in gold last changed.",
    labels: [],
  }),
  ingot_runs_total: metric({
    type: "counter",
    help: "Runs of a pipeline that the scheduler started, each attempt counted, by how they ended.",
    labels: ["pipeline", "status"],
  }),
  ingot_run_duration_seconds: metric({
    type: "histogram",
    help: "Duration of the scheduler's runs, each attempt for itself.",
    labels: ["pipeline"],
    buckets: PASS_SECONDS,
  }),
  ingot_run_success_timestamp_seconds: metric({
    type: "gauge",
    help: "When a pipeline was last run with success.",
    labels: ["pipeline"],
  }),
  ingot_run_due_timestamp_seconds: metric({
    type: "gauge",
    help: "When a pipeline is due next on its schedule.",
    labels: ["pipeline"],
  }),
  ingot_alarms: metric({
    type: "gauge",
    help: "Alarms that are raised now, by severity and by the first part of their id.",
    labels: ["severity", "kind"],
  }),
} as const;

export type MetricName = keyof typeof METRICS;

type NameOf<Type extends MetricSpec["type"]> = {
  [Name in MetricName]: (typeof METRICS)[Name]["type"] extends Type ? Name : never;
}[MetricName];

export type CounterName = NameOf<"counter">;
export type GaugeName = NameOf<"gauge">;
export type HistogramName = NameOf<"histogram">;

/** A value for each of a metric's labels. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<(typeof METRICS)[Name]["labels"][number], string>
>;
