import path from "node:path";
import { type Lake, quarantineKeyOf } from "@ingot/common";
import type { DuckDbSession } from "../duckdb/duckdb.ts";
import { type CountedFiles, countedFiles } from "./counted-files.ts";
import { byArrival, type InputObject } from "./inputs.ts";
import type { Pipeline, SourceTable } from "./pipeline.ts";
import { fingerprintOf, stateKey, WHOLE } from "./places.ts";
import { type GroupRows, readGroup } from "./read-group.ts";
import { contentOf } from "./row-contents.ts";
import { RowFile } from "./row-file.ts";
import type { RecordCounts } from "./run-record.ts";
import type { SilverTables } from "./silver-tables.ts";
import type { Rule } from "./source-record.ts";
import { forgetRows, gatherRows, KEPT } from "./source-rows.ts";
import { type TableState, writeState } from "./table-state.ts";

/** Files are worked off in groups of so many bytes, which bounds memory; what a group leaves is kept whatever becomes of the next. */
const GROUP_BYTES = 96 * 1024 * 1024;
/** How much larger records usually are than their file, where it is compressed. */
const GZIP_RATIO = 10;

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
  rule: Rule;
  /** Of the rule and what it looked into. */
  ruleFingerprint: string;
  state: TableState;
  /** True for a part that the run is about. */
  isAsked(part: string): boolean;
  /** True for what an earlier run may have known, but must not be asked now. */
  isAnew: boolean;
}

/** A task with the files that count. */
type CountedTask = SourceTask & CountedFiles;
/** … and the keys of those that have to be read. */
type RunningTask = CountedTask & { stale: readonly string[] };

/**
 * Brings a source's table up to date with its files. Only files that are new, or changed, or that the rule sees with other
 * eyes, are read, and others that had rows where those did; rows of files that are gone stay, as they do where bronze's
 * files expire.
 *
 * @returns the parts that were made
 */
export async function runSource(given: SourceTask, context: SourceStepContext): Promise<Set<string>> {
  const { table, scope } = given;
  const live = [...given.objects].sort(byArrival);
  const files = countedFiles(table, live, Object.keys(given.state.objects));
  const stale = files.counted.filter((object) => isStale(object, { ...given, ...files }, context.tables));
  const task = { ...given, ...files, stale: stale.map(({ key }) => key) };
  const isEmpty =
    task.counted.length === 0 && table.day === undefined && context.tables.bytes(table, scope) === 0;
  const made =
    stale.length > 0 || isEmpty
      ? await runGroups(task, isEmpty ? [[]] : grouped(stale, table), context)
      : new Set<string>();
  // What a run left that was broken off, or of which the state was lost.
  const odd = context.tables
    .partsThere(table)
    .filter((part) => given.isAsked(part) && !context.tables.isAsLeft(table, part, given.state.parts[part]));
  if (odd.length > 0) for (const part of await runGroups(task, [[]], context, odd)) made.add(part);
  return made;
}

async function runGroups(
  task: RunningTask,
  groups: readonly InputObject[][],
  context: SourceStepContext,
  parts: readonly string[] = [],
): Promise<Set<string>> {
  const { table, state } = task;
  const made = new Set<string>();
  const counts = { objects: 0, read: 0, kept: 0, rejected: 0, duplicates: 0, dropped: 0, reasons: {} };
  const make = async (group: GroupRows): Promise<void> => {
    await makeParts({ ...task, ...group, counts }, context);
    await group.rows.remove();
    await writeState(context.lake.silver, stateKey(context.pipeline, table), state);
    for (const key of group.gone) await context.lake.quarantine.delete(quarantineKeyOf(key));
    for (const part of group.parts) made.add(part);
    context.onProgress(counts, made.size);
  };
  // While DuckDB makes the parts of a group, the next one is read.
  let making = Promise.resolve();
  let known: GroupRows["found"] = state.objects;
  try {
    for (const [at, group] of groups.entries()) {
      const rows = new RowFile(path.join(context.session.folder, `rows-${at}.csv`));
      const read = await readGroup({ ...task, group, known, rows, parts }, context);
      known = { ...known, ...read.found };
      await making;
      making = make(read);
      // It is told where it is waited for.
      making.catch(() => undefined);
    }
  } finally {
    await making;
  }
  return made;
}

function isStale({ key, etag }: InputObject, task: CountedTask, tables: SilverTables): boolean {
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
    const size = object.size * (object.key.endsWith(".gz") ? GZIP_RATIO : 1);
    if (groups.length === 0 || bytes + size > GROUP_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(object);
    bytes += size;
  }
  return groups;
}

type Counts = RecordCounts & { reasons: Record<string, number> };

/** Makes the parts that a group of files touches. */
async function makeParts(
  task: RunningTask & GroupRows & { counts: Counts },
  { session, signal, tables }: SourceStepContext,
): Promise<void> {
  const { table, state, rows, found, gone, parts, counts } = task;
  const before = table.merge === "newest" ? [] : await tables.files(table, parts, signal);
  const fresh = { ...task, csv: rows.rows === 0 ? undefined : rows.path };
  const dropped = await gatherRows(fresh, before, session, signal);
  await tables.write(table, parts, KEPT, signal);
  const contents = await contentOf(session, KEPT, Object.keys(table.columns), table.day);
  await forgetRows(session);
  Object.assign(state.objects, found);
  for (const key of gone) delete state.objects[key];
  for (const part of parts) {
    const content = contents.get(table.day === undefined ? WHOLE : part);
    if (content)
      state.parts[part] = { made_of: madeOf(task, part), ...content, bytes: tables.bytes(table, part) };
    else delete state.parts[part];
  }
  count(counts, found, dropped);
}

function count(counts: Counts, found: GroupRows["found"], dropped: ReadonlyMap<string, number>): void {
  for (const [key, { records }] of Object.entries(found)) {
    const repeats = dropped.get(key) ?? 0;
    counts.objects += 1;
    counts.read += records.read;
    counts.kept += records.kept - repeats;
    counts.duplicates += repeats;
    counts.rejected += records.rejected;
    counts.dropped += records.dropped;
    for (const [reason, times] of Object.entries(records.reasons)) {
      counts.reasons[reason] = (counts.reasons[reason] ?? 0) + times;
    }
  }
}

/** Of the files with rows in a part. */
function madeOf({ table, counted, state }: CountedTask, part: string): string {
  const newest = table.merge === "newest" ? new Set(counted.map(({ key }) => key)) : undefined;
  const sources = Object.entries(state.objects).filter(
    ([key, object]) => part in object.parts && (newest?.has(key) ?? true),
  );
  return fingerprintOf(sources.map(([key, { etag, rule }]) => `${key}\0${etag}\0${rule}`).sort());
}
