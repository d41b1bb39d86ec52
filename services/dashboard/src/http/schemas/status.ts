import {
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
  }),
);

export const statusSchemas = [layerSchema, statusSchema];
