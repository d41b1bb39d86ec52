import path from "node:path";
import { cleanObject, quarantine } from "./clean-object.ts";
import type { CountedFiles } from "./counted-files.ts";
import type { InputObject } from "./inputs.ts";
import { LineFile } from "./line-file.ts";
import { WHOLE } from "./places.ts";
import type { RowFile } from "./row-file.ts";
import { byArrivalOf } from "./source-rows.ts";
import type { SourceStepContext, SourceTask } from "./source-step.ts";
import type { ObjectState } from "./table-state.ts";

export interface GroupTask extends SourceTask, CountedFiles {
  group: readonly InputObject[];
  /** Keys of all files that this run reads because they are new or changed. */
  stale: readonly string[];
  /** What is known of the table's files, those of the groups before this one included. */
  known: Readonly<Record<string, ObjectState>>;
  /** Where its rows go. */
  rows: RowFile;
  /** Parts that have to be made whatever the files have. */
  parts: readonly string[];
}

/** A group of files that was read: its rows, and what there is to be known once silver has them. */
export interface GroupRows {
  rows: RowFile;
  /** What was found in the group's files. */
  found: Readonly<Record<string, ObjectState>>;
  /** All files that are known, in the order in which they arrived; rows name theirs by its place here. */
  files: readonly string[];
  /**
   * The files of which silver's rows do not stay: those that were read, will be read, or do not count. What a run that was
   * broken off wrote of them is nothing to go by.
   */
  read: readonly string[];
  /** Files whose place others took: none of their rows stays. */
  gone: readonly string[];
  /** The parts that have to be made. */
  parts: readonly string[];
}

/** Reads a group of files, and others again that had rows where those did. */
export async function readGroup(task: GroupTask, context: SourceStepContext): Promise<GroupRows> {
  const { table, group, rows, known, scope } = task;
  const arrived = Object.fromEntries(
    group.map(({ key, modified }) => [key, { arrived: modified.toISOString() }]),
  );
  const files = byArrivalOf({ ...known, ...arrived });
  const numbers = new Map(files.map((key, number) => [key, number]));
  const touched = new Set<string>(table.day === undefined ? [scope] : task.parts);
  const found: Record<string, ObjectState> = {};
  for (const object of group) {
    const state = await readObject(object, numbers.get(object.key)!, task, context);
    found[object.key] = state;
    const before = known[object.key]?.parts ?? {};
    for (const part of [...Object.keys(state.parts), ...Object.keys(before)]) touched.add(part);
  }
  const gone = group.flatMap(({ key }) => task.replaced.get(key) ?? []);
  for (const key of gone) for (const part of Object.keys(known[key]?.parts ?? {})) touched.add(part);
  const again = othersToRead(task, { ...known, ...found }, touched, gone);
  const parts = table.day === undefined ? undefined : touched;
  for (const object of again) {
    const target = { rows, parts, number: numbers.get(object.key)! };
    await cleanObject(context.lake.bronze, object, task.rule, target, context.signal);
  }
  await rows.close();
  const read = [...task.stale, ...again.map(({ key }) => key), ...gone, ...task.passedOver];
  return { rows, found, files, read, gone, parts: [...touched] };
}

async function readObject(
  object: InputObject,
  number: number,
  { table, scope, rule, rows, ruleFingerprint, known, counted }: GroupTask,
  { lake, session, signal }: SourceStepContext,
): Promise<ObjectState> {
  const rejections = new LineFile(path.join(session.folder, "rejections.jsonl"));
  try {
    const cleaned = await cleanObject(lake.bronze, object, rule, { rows, number, rejections }, signal);
    // Beside others a file that is none of this source is told as a rejection; alone there is nothing to go on with.
    if (cleaned.invalid && counted.length === 1) throw cleaned.invalid;
    await rejections.close();
    const isKnownClean = known[object.key]?.records.rejected === 0;
    await quarantine(lake.quarantine, object.key, rejections, isKnownClean);
    const { etag, records } = cleaned;
    const parts = table.day === undefined ? { [scope]: cleaned.parts[WHOLE] ?? 0 } : cleaned.parts;
    return { etag, arrived: object.modified.toISOString(), rule: ruleFingerprint, parts, records };
  } finally {
    await rejections.remove();
  }
}

/**
 * The unchanged files that have to be read again: rows of theirs that silver does not have, because those of a file of this
 * group took their place, may have to come back.
 */
function othersToRead(
  { group, counted, known }: GroupTask,
  objects: Readonly<Record<string, ObjectState>>,
  touched: ReadonlySet<string>,
  gone: readonly string[],
): InputObject[] {
  const mine = new Set([...group.map(({ key }) => key), ...gone]);
  const hasRows = (object: ObjectState | undefined, part: string): boolean => (object?.parts[part] ?? 0) > 0;
  const disturbed = [...touched].filter((part) => [...mine].some((key) => hasRows(known[key], part)));
  return counted.filter(({ key }) => !mine.has(key) && disturbed.some((part) => hasRows(objects[key], part)));
}
