import {
  type BatchFile,
  type BatchPipeline,
  type BatchRun,
  type BatchStep,
  type CheckStatus,
  type IngestRun,
  LAYER_NAMES,
  type LayerStatus,
  type PipelineStatus,
  type RejectReason,
  type RejectSample,
  type ServiceStatus,
} from "../../api/contract.ts";
import {
  count,
  instant,
  listOf,
  named,
  number,
  objectOf,
  oneOf,
  orNull,
  refTo,
  text,
  yesOrNo,
} from "./schema.ts";

const layerSchema = named(
  "LayerStatus",
  objectOf<LayerStatus>("A layer of the lake; `null` is what is not known yet.", {
    objects: orNull(count()),
    bytes: orNull(count()),
    rows: orNull(
      count(
        "Bronze: raw records read; silver: clean rows; quarantine: rejected records; gold: rows of the KPIs.",
      ),
    ),
    rows_per_minute: orNull(number("Over the last five minutes.")),
    newest_at: orNull(instant("When the newest object was written.")),
  }),
);

const serviceSchema = objectOf<ServiceStatus>("A service.", {
  name: oneOf(["generator", "cleaner", "aggregator", "dashboard"]),
  state: oneOf(
    ["working", "idle", "behind", "unknown"],
    "`working`: did something within the last minute; `behind`: work has been waiting for more than a minute; `unknown`: it left no trace yet.",
  ),
  last_work_at: orNull(instant("When it last wrote something.")),
});

const sampleSchema = objectOf<RejectSample>(
  "Where a rejected record lies, and what was wrong in it.",
  {
    source_key: text("The bronze object."),
    index: count("The place in the file, from 0."),
    line: count("In a file of lines, the record's, from 1."),
    field: text(),
    value: text("Letters as `a`, digits as `9` where the field is personal."),
  },
  ["line", "field", "value"],
);

const rejectSchema = objectOf<RejectReason>("Rejected records of one reason.", {
  dataset: text(undefined, "orders"),
  reason: text(undefined, "missing_customer"),
  records: count(),
  share: number("Of all records of the dataset, 0 to 1."),
  samples: listOf(sampleSchema),
});

const checkSchema = objectOf<CheckStatus>("A check of the data and what it found last.", {
  layer: text(),
  model: text(),
  check: text(),
  severity: oneOf(["warn", "error"]),
  status: oneOf(["pass", "fail", "error"]),
  expected: text(),
  actual: text(),
  run_at: instant(),
});

const runSchema = objectOf<IngestRun>("A step of the warehouse.", {
  at: instant(),
  objects: count("Silver objects taken in."),
  read: count(),
  kept: count(),
  rejected: count(),
  duplicates: count(),
});

const batchRunSchema = objectOf<BatchRun>(
  "A run of a pipeline.",
  {
    id: text(),
    status: oneOf(
      ["running", "published", "unchanged", "failed", "broken"],
      "`broken`: it ended without a word; `unchanged`: nothing was new; `failed`: gold stayed as it was.",
    ),
    trigger: oneOf(["manual", "schedule", "arrival"]),
    due: instant("The time on the schedule that it stands for."),
    started_at: instant(),
    finished_at: instant(),
    attempt: count("From 1."),
    error: text("What happened, where it failed."),
    months: listOf(text(), "What it was about, where the pipeline has months."),
    kept: count(),
    rejected: count(),
    duplicates: count(),
  },
  ["due", "finished_at", "error", "months"],
);

type StepRecords = NonNullable<BatchStep["records"]>;
type FailedCheck = BatchStep["failed_checks"][number];

const batchStepSchema = objectOf<BatchStep>(
  "A step of a run.",
  {
    name: text("The table's name; `publish` for the last one."),
    month: text(),
    status: oneOf(
      ["waiting", "running", "done", "reused", "failed", "skipped"],
      "`reused`: as an earlier run made it; `skipped`: something that it is made of failed.",
    ),
    rows: count(),
    days: count("Days that were made."),
    took_ms: number("Milliseconds."),
    records: objectOf<StepRecords>("Of a source.", {
      read: count(),
      kept: count(),
      rejected: count(),
      duplicates: count(),
      reasons: { type: "object", additionalProperties: count(), description: "Rejected records by reason." },
    }),
    checks: count("How many ran."),
    failed_checks: listOf(
      objectOf<FailedCheck>("A check that failed.", {
        check: text(),
        severity: oneOf(["warn", "error"]),
        expected: text(),
        actual: text(),
      }),
    ),
    error: text(),
  },
  ["month", "rows", "days", "took_ms", "records", "error"],
);

const batchSchema = named(
  "BatchPipeline",
  objectOf<BatchPipeline>(
    "A pipeline that works in batches.",
    {
      name: text(undefined, "retail-stores"),
      runs: listOf(batchRunSchema, "The newest first; at most 10."),
      steps: listOf(batchStepSchema, "Of the newest run that found something to do."),
      steps_at: instant("When that began."),
      files: listOf(
        objectOf<BatchFile>(
          "A published file.",
          { name: text(), key: text("In gold."), size: count("Bytes."), rows: count() },
          ["rows"],
        ),
        "What it published last; `/api/objects/content` has them.",
      ),
      published_at: instant("When that was."),
    },
    ["steps_at", "published_at"],
  ),
);

export const statusSchema = named(
  "PipelineStatus",
  objectOf<PipelineStatus>("The pipeline.", {
    at: instant("When this was looked at."),
    lake: text("Where the lake is."),
    layers: objectOf<PipelineStatus["layers"]>(
      "The layers, in the data's way.",
      Object.fromEntries(LAYER_NAMES.map((name) => [name, refTo(layerSchema)])) as Record<
        (typeof LAYER_NAMES)[number],
        ReturnType<typeof refTo>
      >,
    ),
    backlog: objectOf<PipelineStatus["backlog"]>("What waits.", {
      bronze: orNull(count("Raw files that are not cleaned yet.")),
      silver: orNull(count("Silver objects that are not in gold yet.")),
      lag_seconds: orNull(number("Age of the oldest of them, 0 where there are none.")),
    }),
    services: listOf(serviceSchema),
    rejects: listOf(rejectSchema, "By records, the most first."),
    checks: listOf(checkSchema),
    is_blocked: yesOrNo("True while a failed check keeps new figures out of gold."),
    runs: listOf(runSchema, "What went into the warehouse, newest first; at most 50."),
    schema_changes: listOf(
      objectOf<PipelineStatus["schema_changes"][number]>("A change of how files look.", {
        dataset: text(),
        at: instant(),
        change: text(),
      }),
      "How the files of a dataset have changed, newest first.",
    ),
    batch: listOf(refTo(batchSchema), "The pipelines that work in batches and have run, by name."),
  }),
);

export const statusSchemas = [layerSchema, batchSchema, statusSchema];
