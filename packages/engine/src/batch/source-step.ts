import path from "node:path";
import { compareKeys, type Lake } from "@ingot/common";
import type { DuckDbSession } from "../duckdb/duckdb.ts";
import { sqlName, sqlText, sqlTexts } from "../duckdb/sql-text.ts";
import { cleanObject, quarantine } from "./clean-object.ts";
import { byArrival, type InputObject } from "./inputs.ts";
import { LineFile } from "./line-file.ts";
import type { Pipeline, SourceTable } from "./pipeline.ts";
import { fingerprintOf, stateKey, WHOLE } from "./places.ts";
import { contentOf } from "./row-contents.ts";
import type { RecordCounts } from "./run-record.ts";
import { parquetRows, type SilverTables } from "./silver-tables.ts";
import type { Rule } from "./source-record.ts";
import { type ObjectState, type TableState, writeState } from "./table-state.ts";

/** Files are worked off in groups of so many bytes: what a group leaves is kept whatever becomes of the next. */
const GROUP_BYTES = 512 * 1024 * 1024;

const ROWS = "_rows";
const KEPT = "_kept";

export interface SourceStepContext {
  pipeline: Pipeline;
  lake: Lake;
  tables: SilverTables;
  session: DuckDbSession;
  signal: AbortSignal;
  /** Told after each group of files. */
  onProgress(counts: RecordCounts, parts: number): void;
}

export interface SourceTask {
  table: SourceTable;
  /** Those that are there now; of a month, where the pipeline has months. */
  objects: readonly InputObject[];
  /** The month; `WHOLE` where the pipeline has none. */
  scope: string;
  /** Of the rule and what it looks into. */
  ruleFingerprint: string;
  makeRule(): Promise<Rule>;
  state: TableState;
  /** True for what an earlier run may have known, but must not be asked now. */
  isAnew: boolean;
}

/**
 * Brings a source's table up to date with its files. Only files that are new, or changed, or that the rule sees with other
 * eyes, are read, and others that had rows where those did; rows of files that are gone stay, as they do where bronze's
 * files expire.
 *
 * @returns the parts that were made
 */
export async function runSource(task: SourceTask, context: SourceStepContext): Promise<Set<string>> {
  const { table, state } = task;
  const live = [...task.objects].sort(byArrival);
  const counted = table.merge === "newest" ? live.slice(-1) : live;
  const made = new Set<string>();
  const stale = counted.filter((object) => isStale(object, { ...task, counted }, context.tables));
  const isEmpty =
    counted.length === 0 && table.day === undefined && context.tables.bytes(table, task.scope) === 0;
  if (stale.length === 0 && !isEmpty) return made;
  const rule = await task.makeRule();
  const counts = { objects: 0, read: 0, kept: 0, rejected: 0, duplicates: 0, dropped: 0, reasons: {} };
  for (const group of isEmpty ? [[]] : grouped(stale, table)) {
    const parts = await workOff({ ...task, group, counted, rule, counts }, context);
    for (const part of parts) made.add(part);
    await writeState(context.lake.silver, stateKey(context.pipeline, table), state);
    context.onProgress(counts, made.size);
  }
  return made;
}

function isStale(
  { key, etag }: InputObject,
  task: SourceTask & { counted: readonly InputObject[] },
  tables: SilverTables,
): boolean {
  const known = task.state.objects[key];
  if (task.isAnew || known?.etag !== etag || known.rule !== task.ruleFingerprint) return true;
  if (task.table.merge === "newest" && task.state.parts[task.scope]?.made_of !== madeOf(task, task.scope))
    return true;
  const parts = task.table.day === undefined ? [task.scope] : Object.keys(known.parts);
  return parts.some((part) => !tables.isAsLeft(task.table, part, task.state.parts[part]));
}

function grouped(objects: readonly InputObject[], { day }: SourceTable): InputObject[][] {
  // A table that is not cut is made as a whole.
  if (day === undefined) return [[...objects]];
  const groups: InputObject[][] = [];
  let bytes = 0;
  for (const object of objects) {
    if (groups.length === 0 || bytes + object.size > GROUP_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(object);
    bytes += object.size * (object.key.endsWith(".gz") ? 10 : 1);
  }
  return groups;
}

interface GroupTask extends SourceTask {
  group: readonly InputObject[];
  /** The files that count, in the order in which they arrived. */
  counted: readonly InputObject[];
  rule: Rule;
  counts: RecordCounts & { reasons: Record<string, number> };
}

/** Reads a group of files, and makes the parts that they touch. @returns these parts */
async function workOff(task: GroupTask, context: SourceStepContext): Promise<string[]> {
  const { table, state, counts, group } = task;
  const { session, signal, lake } = context;
  const rows = new LineFile(path.join(session.folder, "rows.csv"));
  const touched = new Set<string>(table.day === undefined ? [task.scope] : []);
  const before = { ...state.objects };
  try {
    for (const object of group) {
      await readObject(object, { ...task, rows, touched }, context);
      counts.objects += 1;
    }
    const again = othersToRead(task, before, touched);
    for (const object of again) {
      await cleanObject(lake.bronze, object, task.rule, { rows, parts: partsIn(table, touched) }, signal);
    }
    await rows.close();
    const read = new Set([...group, ...again].map(({ key }) => key));
    await makeParts({ ...task, rows, read, touched }, context);
  } finally {
    await rows.remove();
  }
  return [...touched];
}

const partsIn = ({ day }: SourceTable, parts: ReadonlySet<string>): ReadonlySet<string> | undefined =>
  day === undefined ? undefined : parts;

async function readObject(
  object: InputObject,
  task: GroupTask & { rows: LineFile; touched: Set<string> },
  { lake, session, signal }: SourceStepContext,
): Promise<void> {
  const { table, state, counts, rows, touched, counted } = task;
  const known = state.objects[object.key];
  const rejections = new LineFile(path.join(session.folder, "rejections.jsonl"));
  try {
    const cleaned = await cleanObject(lake.bronze, object, task.rule, { rows, rejections }, signal);
    // Beside others a file that is none of this source is told as a rejection; alone there is nothing to go on with.
    if (cleaned.invalid && counted.length === 1) throw cleaned.invalid;
    await rejections.close();
    await quarantine(lake.quarantine, object.key, rejections, known?.records.rejected === 0);
    const { etag, records } = cleaned;
    const parts = table.day === undefined ? { [task.scope]: cleaned.parts[WHOLE] ?? 0 } : cleaned.parts;
    for (const part of [...Object.keys(parts), ...Object.keys(known?.parts ?? {})]) touched.add(part);
    const arrived = object.modified.toISOString();
    state.objects[object.key] = { etag, arrived, rule: task.ruleFingerprint, parts, records };
    addRecords(counts, records);
  } finally {
    await rejections.remove();
  }
}

function addRecords(counts: GroupTask["counts"], records: ObjectState["records"]): void {
  for (const name of ["read", "kept", "rejected", "dropped"] as const) counts[name] += records[name];
  for (const [reason, count] of Object.entries(records.reasons)) {
    counts.reasons[reason] = (counts.reasons[reason] ?? 0) + count;
  }
}

/**
 * The unchanged files that have to be read again: rows of theirs that silver does not have, because those of a file of this
 * group took their place, may have to come back.
 */
function othersToRead(
  { group, counted, state }: GroupTask,
  before: TableState["objects"],
  touched: ReadonlySet<string>,
): InputObject[] {
  const mine = new Set(group.map(({ key }) => key));
  const hasRows = (object: ObjectState | undefined, part: string): boolean => (object?.parts[part] ?? 0) > 0;
  const disturbed = [...touched].filter((part) => [...mine].some((key) => hasRows(before[key], part)));
  return counted.filter(
    ({ key }) => !mine.has(key) && disturbed.some((part) => hasRows(state.objects[key], part)),
  );
}

interface MadeTask extends GroupTask {
  rows: LineFile;
  /** The files that were read just now. */
  read: ReadonlySet<string>;
  touched: ReadonlySet<string>;
}

async function makeParts(task: MadeTask, { session, signal, tables }: SourceStepContext): Promise<void> {
  const { table, state, rows, read, touched } = task;
  const parts = [...touched];
  const files = task.table.merge === "newest" ? [] : await tables.files(table, parts, signal);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${ROWS} AS ${allRows(table, rows, files, [...read])}`, {
    signal,
  });
  const keys = Object.entries(state.objects)
    .sort(([a, x], [b, y]) => x.arrived.localeCompare(y.arrived) || compareKeys(a, b))
    .map(([key]) => key);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${KEPT} AS ${withoutRepeats(table, keys)}`, { signal });
  await countRepeats(task, session);
  await tables.write(table, parts, KEPT, signal);
  const contents = await contentOf(session, KEPT, Object.keys(table.columns), table.day);
  await session.run(`DROP TABLE ${ROWS}; DROP TABLE ${KEPT}`);
  for (const part of parts) {
    const content = contents.get(table.day === undefined ? WHOLE : part);
    if (content)
      state.parts[part] = { made_of: madeOf(task, part), ...content, bytes: tables.bytes(table, part) };
    else delete state.parts[part];
  }
}

/** Of the files with rows in a part. */
function madeOf(
  { table, counted, state }: SourceTask & { counted: readonly InputObject[] },
  part: string,
): string {
  const newest = table.merge === "newest" ? new Set(counted.map(({ key }) => key)) : undefined;
  const sources = Object.entries(state.objects).filter(
    ([key, object]) => part in object.parts && (newest?.has(key) ?? true),
  );
  return fingerprintOf(sources.map(([key, { etag, rule }]) => `${key}\0${etag}\0${rule}`).sort());
}

/** Takes what was dropped as a repeat from what the rule kept of the files that are counted. */
async function countRepeats({ counts, group }: MadeTask, session: DuckDbSession): Promise<void> {
  const mine = `WHERE list_contains(${sqlTexts(group.map(({ key }) => key))}, bronze_key)`;
  const [row] = await session.all(
    `SELECT (SELECT count(*) FROM ${ROWS} ${mine}) - (SELECT count(*) FROM ${KEPT} ${mine})`,
  );
  const repeats = Number(row![0]);
  counts.duplicates += repeats;
  counts.kept -= repeats;
}

/** Rows as the files give them, and rows of other files that are in silver already. */
function allRows(
  table: SourceTable,
  { path: file }: LineFile,
  files: readonly string[],
  read: readonly string[],
): string {
  const types = { ...table.columns, bronze_key: "VARCHAR", position: "BIGINT" };
  const columns = Object.entries(types).map(([name, type]) => `${sqlText(name)}: ${sqlText(type)}`);
  const fresh = `SELECT * FROM read_csv(${sqlText(file)}, auto_detect = false, header = false, delim = ',', quote = '"',
    escape = '"', nullstr = '', max_line_size = 16777216, columns = {${columns.join(", ")}})`;
  if (files.length === 0) return fresh;
  return `${fresh} UNION ALL BY NAME (${parquetRows(files)} WHERE NOT list_contains(${sqlTexts(read)}, bronze_key))`;
}

/** Of rows that are one the first or the last that arrived. @param keys of bronze, in the order in which they arrived */
function withoutRepeats({ unique, columns: types, day }: SourceTable, keys: readonly string[]): string {
  const columns = [...Object.keys(types), "bronze_key", "position"].map(sqlName).join(", ");
  if (!unique) return `SELECT ${columns} FROM ${ROWS}`;
  const one = new Set([...unique.columns, ...(day === undefined ? [] : [day])]);
  const direction = unique.keep === "first" ? "ASC" : "DESC";
  const arrived = `list_position(${sqlTexts(keys)}, bronze_key)`;
  return `SELECT ${columns} FROM ${ROWS} QUALIFY row_number() OVER (
    PARTITION BY ${[...one].map(sqlName).join(", ")} ORDER BY ${arrived} ${direction}, position ${direction}) = 1`;
}
