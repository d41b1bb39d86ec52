import assert from "node:assert/strict";
import { readCsv } from "@ingot/engine";
import type { RuleContext } from "@ingot/pipelines";
import { DATASETS } from "@ingot/pipelines";
import { ALONE, chunksOf, cleanContent } from "../../services/cleaner/test/clean-content.ts";
import type { FuzzCase, Source } from "./fuzz-case.ts";

/*
 * What is far enough from a damage is kept as it would be without. A line of the damaged file that stands in the source as
 * well is whole. In JSON Lines every whole line must count: a line is a record by itself. In an array and in CSV, where a
 * quote or a bracket may reach into the next line, its two neighbours must be whole as well, and in CSV all that lies between
 * two damages is left out: a quote before and a quote behind it may make one value of all.
 */

const LINE_END = /\r\n|\r|\n/;
const latin1 = (bytes: Buffer): string => bytes.toString("latin1");

export interface Intact {
  /** Lines that must be kept, or rejected, as if they were alone. */
  far: string[];
  /** All else in the file. */
  near: string[];
}

/** @param text the damaged file, decompressed. @returns undefined for CSV with another header */
export function intactLines({ form, bytes }: Source, text: Buffer): Intact | undefined {
  const whole = latin1(bytes).split(LINE_END);
  const lines = latin1(text).split(LINE_END);
  if (form === "csv" && lines[0] !== whole[0]) return undefined;
  const known = new Set(whole);
  const isWhole = lines.map((line) => known.has(line));
  const isRecord = recordLines(form);
  const [first, last] = [isWhole.indexOf(false), isWhole.lastIndexOf(false)];
  const isFar = (at: number): boolean => {
    if (!isWhole[at]) return false;
    if (form === "lines" || first === -1) return true;
    if (form === "csv") return at < first - 1 || at > last + 1;
    return isWhole[at - 1] !== false && isWhole[at + 1] !== false;
  };
  const intact: Intact = { far: [], near: [] };
  for (const [at, line] of lines.entries()) {
    if (isRecord(line) && at > (form === "csv" ? 0 : -1) && isFar(at)) intact.far.push(line);
    else if (line !== whole[0] || form === "lines") intact.near.push(line);
  }
  return intact;
}

const recordLines =
  (form: Source["form"]) =>
  (line: string): boolean =>
    form === "array" ? line.startsWith("{") && /\},?$/.test(line) : line.trim() !== "";

/**
 * Checks that silver has every row of the lines that are far from the damage.
 *
 * @returns how many rows that are
 * @throws AssertionError where one is missing, or another
 */
export async function checkIntact(
  { dataset, key, source }: FuzzCase & { source: Source },
  rows: readonly string[][],
  { far, near }: Intact,
  context: RuleContext,
): Promise<number> {
  const header = latin1(source.bytes).split(LINE_END, 1)[0]!;
  const text =
    source.form === "array"
      ? `[\n${far.map((line) => line.replace(/,$/, "")).join(",\n")}\n]\n`
      : `${source.form === "csv" ? `${header}\n` : ""}${far.join("\n")}\n`;
  const content = { dataset, key: key.replace(/\.gz$/, ""), bytes: Buffer.from(text, "latin1") };
  const { silver } = await cleanContent(content, context, ALONE);
  const alone = (
    await Array.fromAsync(readCsv(chunksOf(silver, 1 << 20), DATASETS[dataset].silverColumns))
  ).flat();
  const found = new Map<string, number>();
  for (const row of rows) found.set(row.join("\u0000"), (found.get(row.join("\u0000")) ?? 0) + 1);
  const nearWords = new Set(near.flatMap((line) => line.match(/[\w-]+/g) ?? []));
  let checked = 0;
  for (const row of alone) {
    const name = row.join("\u0000");
    const left = found.get(name) ?? 0;
    found.set(name, left - 1);
    checked += 1;
    // Another version of it may stand in the damage.
    if (left > 0 || (dataset !== "clicks" && nearWords.has(row[0]!))) continue;
    assert.fail(`a row far from the damage is missing in silver, or another one: ${JSON.stringify(row)}`);
  }
  return checked;
}
