import {
  type Command,
  type CommandContext,
  IngotError,
  inParallel,
  lakeLocation,
  openLake,
} from "@ingot/common";
import { parseInstant, UTC } from "@ingot/pipelines";
import { datasetFlag } from "../flags.ts";
import { copyFiles, PARALLEL } from "../import/copy-files.ts";
import { planEcommerceFile } from "../import/ecommerce-files.ts";
import type { PlannedFile } from "../import/planned-file.ts";
import { importRequest } from "../import/which-pipeline.ts";

export const importCommand: Command = {
  name: "import",
  summary: "Put your own files into bronze, as they are.",
  description: `Files are copied to <dataset>/dt=<today>/ in bronze. The dataset is told by the file's name (customers…,
orders…, clicks…), by its field names, or by --dataset. CSV, JSON and JSON Lines are read, also gzipped.
A file that is there already is not copied again.

With a pipeline's name before them, files are that pipeline's: they go to <pipeline>/<table>/dt=<today>/, or
to <pipeline>/month=<month>/ where it works by months, and Excel workbooks (.xlsx) are read too. The table is
told by the file's name, by its fields, or by --table. Of a list that replaces the one before, and of a
month's workbooks, the file that came last counts.`,
  positionals: "[<pipeline>] <files…>",
  flags: {
    dataset: {
      value: "NAME",
      help: "customers, orders or clicks, for files whose name and fields do not tell",
    },
    pipeline: { value: "NAME", help: "the pipeline, where a file here has its name" },
    table: { value: "NAME", help: "the pipeline's table, for files whose name and fields do not tell" },
    month: { value: "YYYY-MM", help: "the month that a pipeline's files are of (default: this one, UTC)" },
    date: { value: "YYYY-MM-DD", help: "the dt= folder to put them in (default: today, UTC)" },
    json: { help: "print the result as JSON" },
  },
  options: ["lakeUrl", "bucketPrefix", "bronzeBucket", "s3Endpoint"],
  examples: [
    "ingot import orders_2026.csv customers.json",
    "ingot import --dataset orders export-march.csv",
    "ingot import sme-sales *.csv",
    "ingot import wine-merchant erp.xlsx liaison.xlsx web.xlsx --month 2026-11",
  ],
  run: importFiles,
};

/** What is to be copied, and what to do once it is there. */
interface Plan {
  files: PlannedFile[];
  next: string | undefined;
}

async function importFiles(context: CommandContext): Promise<void> {
  const { settings, flags, print } = context;
  const { pipeline, files } = importRequest(context);
  // All are looked at before the first is copied, so that a typing error does not leave half of them behind.
  const plan = await (pipeline === undefined ? ecommerce(context, files) : batch(context, pipeline, files));
  const lake = await openLake(lakeLocation(settings));
  try {
    const imported = await copyFiles(lake.bronze, plan.files, context);
    if (flags.json === true) print(JSON.stringify({ lake: lake.url, pipeline, imported }));
    else {
      for (const { file, key, created } of imported)
        print(`${file} -> ${key}${created ? "" : " (was there)"}`);
      if (plan.next !== undefined) print(plan.next);
    }
  } finally {
    await lake.close();
  }
}

async function ecommerce(context: CommandContext, files: readonly string[]): Promise<Plan> {
  const { flags } = context;
  for (const flag of ["table", "month"])
    if (flags[flag] !== undefined)
      throw usage(`--${flag} is for a pipeline's files: ingot import <pipeline> …`);
  const day = dayOf(context);
  const dataset = datasetFlag(flags.dataset);
  return {
    files: await inParallel(files, PARALLEL, (file) => planEcommerceFile(file, dataset, day)),
    next: undefined,
  };
}

async function batch(context: CommandContext, name: string, files: readonly string[]): Promise<Plan> {
  const { flags } = context;
  if (flags.dataset !== undefined) throw usage(`--dataset is for e-commerce; ${name} has --table.`);
  const day = dayOf(context);
  // Loaded here only: what runs pipelines is large.
  const { pipelinePlace, planPipelineFile } = await import("../import/pipeline-files.ts");
  const place = await pipelinePlace(name, { day, month: flags.month, table: flags.table });
  const { schedule } = place.pipeline;
  const byItself = schedule.onArrival ? " (`ingot up` and `ingot schedule` do so by themselves)" : "";
  return {
    files: await inParallel(files, PARALLEL, (file) => planPipelineFile(file, place)),
    next: `Next: ingot run ${name}${byItself}`,
  };
}

/** @throws IngotError `usage` */
function dayOf({ flags, clock }: CommandContext): string {
  const date = typeof flags.date === "string" ? flags.date : clock.now().toISOString().slice(0, 10);
  if (parseInstant(date, UTC)?.date === date) return date;
  throw usage(`--date is "${date}". Allowed: a date such as 2026-01-31.`);
}

const usage = (text: string): IngotError => new IngotError("usage", text);
