import path from "node:path";
import { IngotError, type ObjectInfo, type ObjectStore } from "@ingot/common";
import {
  byArrival,
  isTableFile,
  type Pipeline,
  type PipelineInputs,
  pipelineInputs,
  type SourceTable,
  sourcesOf,
  tableOf,
} from "@ingot/engine/batch";
import { loadPipeline } from "@ingot/pipelines/batch";
import { type PlannedFile, sizeOf } from "./planned-file.ts";
import { tableByFields } from "./table-by-fields.ts";

/** Where the files of an import go. */
export interface PipelinePlace {
  pipeline: Pipeline;
  /** `yyyy-MM-dd` */
  day: string;
  /** `yyyy-MM`, where the pipeline has months. */
  month: string | undefined;
  /** The table that all of them are of; told by each one's name or its fields where it is absent. */
  table: SourceTable | undefined;
}

type Given = string | boolean | undefined;

/** @param day `yyyy-MM-dd` @throws IngotError `usage` for a table or month that the pipeline does not have */
export async function pipelinePlace(
  name: string,
  { day, month, table }: { day: string; month: Given; table: Given },
): Promise<PipelinePlace> {
  const pipeline = await loadPipeline(name);
  const tables = sourcesOf(pipeline);
  const found = tables.find((source) => source.name === table);
  if (table !== undefined && !found) {
    const names = tables.map((source) => `${source.name} (${source.title})`);
    throw usage(`--table is "${table}". ${name} has ${names.join(", ")}.`);
  }
  const hasMonths = pipeline.periods?.kind === "month";
  if (month !== undefined && !hasMonths) throw usage(`${name} does not work by months: leave --month out.`);
  if (month !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(String(month)))
    throw usage(`--month is "${month}". Allowed: a month such as 2026-11.`);
  return { pipeline, day, month: hasMonths ? String(month ?? day.slice(0, 7)) : undefined, table: found };
}

/**
 * Where a file of a batch pipeline goes: `<pipeline>/<table>/dt=<day>/<name>`, or `<pipeline>/month=<month>/<name>`.
 *
 * @throws IngotError `usage` where that cannot be told
 */
export async function planPipelineFile(file: string, place: PipelinePlace): Promise<PlannedFile> {
  const bytes = await sizeOf(file);
  const { pipeline } = place;
  const base = path.basename(file);
  if (/^[._]/.test(base))
    throw usage(`${file}: names that begin with a dot or an underscore are passed over. Rename it.`);
  if (isExpected(pipeline, base)) {
    const newest: PlannedFile["newest"] = (bronze, key) =>
      newestBeside(pipeline, ({ expected }) => expected, bronze, key);
    return { file, bytes, base, keyOf: (other) => expectedKey(place, base, other), newest };
  }
  if (!isTableFile(base)) throw usage(`${file} is no file of ${pipeline.name}. ${helpFor(pipeline)}`);
  const table = place.table ?? tableOf(pipeline, `${pipeline.name}/${base}`) ?? (await byFields(file, place));
  const keyOf = (other: string): string => keyFor(place, table, other);
  const ofTable = ({ objects }: PipelineInputs) =>
    objects.filter((object) => object.table.name === table.name);
  const newest: PlannedFile["newest"] = (bronze, key) => newestBeside(pipeline, ofTable, bronze, key);
  return { file, bytes, base, keyOf, table: table.name, ...(table.merge === "newest" && { newest }) };
}

/** A file of expected values, which lies beside a month's files. */
function isExpected({ expected }: Pipeline, base: string): boolean {
  return expected?.test(base) === true && !isTableFile(base);
}

/** A name that would not tell is a folder's. */
function expectedKey(place: PipelinePlace, base: string, other: string): string {
  const name = isExpected(place.pipeline, other) ? other : `${stemOf(other)}/${base}`;
  return `${folderOf(place, undefined)}${name}`;
}

async function byFields(file: string, { pipeline }: PipelinePlace): Promise<SourceTable> {
  const table = await tableByFields(file, pipeline);
  if (table) return table;
  const [first] = sourcesOf(pipeline);
  throw usage(
    `${file}: neither its name nor its fields tell what it holds. ${helpFor(pipeline)} Or say it: --table ${first?.name}`,
  );
}

function helpFor(pipeline: Pipeline): string {
  const names = sourcesOf(pipeline).map(({ title, example }) => `${example} (${title})`);
  return `Its files are called such as ${names.join(", ")}, and are CSV, JSON, JSON Lines or .xlsx.`;
}

function folderOf({ pipeline, day, month }: PipelinePlace, table: SourceTable | undefined): string {
  if (month !== undefined) return `${pipeline.name}/month=${month}/`;
  return `${pipeline.name}/${table === undefined ? "" : `${table.name}/`}dt=${day}/`;
}

/** The first of the places for a name at which it tells the table. */
function keyFor(place: PipelinePlace, table: SourceTable, base: string): string {
  const folder = folderOf(place, table);
  const inTable = place.month === undefined ? folder : `${folder}${table.name}/`;
  // The name may be one of another table's files.
  const names = [base, `${table.name}_${base}`, `${stemOf(table.example)}_${base}`];
  const keys = [folder, inTable].flatMap((at) => names.map((name) => at + name));
  // A name as it is, in a folder of the table, is better than another name.
  const [asItIs, ...others] = [keys[0]!, inTable + base, ...keys.slice(1)];
  const key = [asItIs, ...others].find((candidate) => tableOf(place.pipeline, candidate) === table);
  if (key !== undefined) return key;
  throw usage(`${base} would be taken for another table's file. Rename it, such as ${table.example}.`);
}

const stemOf = (example: string): string => example.split(".", 1)[0]!;

/** The key of the object that came last, of those in the same month. */
async function newestBeside(
  pipeline: Pipeline,
  choose: (inputs: PipelineInputs) => readonly ObjectInfo[],
  bronze: ObjectStore,
  key: string,
): Promise<string | undefined> {
  const { periods } = pipeline;
  const all = choose(await pipelineInputs(pipeline, bronze));
  const own = all.find((object) => object.key === key);
  const isBeside = (object: ObjectInfo): boolean =>
    periods?.kind !== "month" || (own !== undefined && periods.monthOf(object) === periods.monthOf(own));
  return all.filter(isBeside).sort(byArrival).at(-1)?.key;
}

const usage = (text: string): IngotError => new IngotError("usage", text);
