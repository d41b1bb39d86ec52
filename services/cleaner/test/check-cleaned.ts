import assert from "node:assert/strict";
import { readCsv } from "@ingot/engine";
import { DATASETS, type DatasetName } from "@ingot/pipelines";
import { type CleanedContent, chunksOf } from "./clean-content.ts";

const ID = /\S/;
const AMOUNT = /^\d{1,11}\.\d{4}$/;
const AMOUNT_OR_NOTHING = /^(\d{1,11}\.\d{4})?$/;
const QUANTITY = /^(\d{1,11}(\.\d{0,3}[1-9])?)?$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const HASH = /^([0-9a-f]{16})?$/;
/** One character, which in capitals may be up to three. */
const INITIAL = /^.{0,3}$/su;
const TEXT = /^/;

/** How values of silver look (contract: e-commerce, section 2), by dataset and column. */
const FORMS: Readonly<Record<DatasetName, readonly RegExp[]>> = {
  customers: [ID, HASH, INITIAL, INITIAL, ID, DAY],
  orders: [ID, TEXT, TEXT, QUANTITY, AMOUNT_OR_NOTHING, AMOUNT, INSTANT, DAY, ID],
  clicks: [TEXT, TEXT, INSTANT],
};

/** What messages begin with where counts do not add up, or do not agree with what was written. */
export const UNACCOUNTED = "records unaccounted for";

export interface QuarantineLine {
  source_key: string;
  line?: number;
  index?: number;
  reason: string;
  raw: string;
  raw_base64?: string;
  raw_truncated?: boolean;
}

export interface Accounted {
  rows: string[][];
  rejected: QuarantineLine[];
}

/**
 * Checks what holds for every content: all records are accounted for, silver has the contract's types, each identity
 * is there once, and quarantine tells of each rejected record where it stands, why, and its raw text. The sample of each
 * reason is the first of these records.
 *
 * @throws AssertionError where that is not so
 */
export async function checkCleaned(
  dataset: DatasetName,
  key: string,
  { counts, samples, silver, quarantine }: CleanedContent,
): Promise<Accounted> {
  assert.equal(counts.read, counts.kept + counts.rejected + counts.duplicates, UNACCOUNTED);
  const rows = (
    await Array.fromAsync(readCsv(chunksOf(silver, 1 << 20), DATASETS[dataset].silverColumns))
  ).flat();
  assert.equal(rows.length, counts.kept, `${UNACCOUNTED}: rows in silver`);
  for (const row of rows) checkRow(dataset, row);
  if (dataset !== "clicks") {
    assert.equal(new Set(rows.map(([id]) => id)).size, rows.length, "an identity is in silver twice");
  }
  const lines = quarantine.length === 0 ? [] : quarantine.toString("utf8").trimEnd().split("\n");
  assert.equal(lines.length, counts.rejected, `${UNACCOUNTED}: lines in quarantine`);
  const rejected = lines.map((line) => JSON.parse(line) as QuarantineLine);
  for (const line of rejected) checkRejected(line, key);
  const reasons = Object.groupBy(rejected, ({ reason }) => reason);
  const told = Object.fromEntries(Object.entries(reasons).map(([reason, all]) => [reason, all!.length]));
  assert.deepEqual({ ...counts.reasons }, told, "reasons");
  const first = Object.entries(reasons).map(([reason, all]) => [reason, all![0]!.line ?? all![0]!.index]);
  const sampled = Object.entries(samples).map(([reason, { place }]) => [reason, Object.values(place)[0]]);
  assert.deepEqual(Object.fromEntries(sampled), Object.fromEntries(first), "samples");
  return { rows, rejected };
}

function checkRow(dataset: DatasetName, row: readonly string[]): void {
  for (const [at, form] of FORMS[dataset].entries()) {
    const value = row[at]!;
    const isReal = form !== INSTANT && form !== DAY ? true : isRealInstant(value);
    if (form.test(value) && isReal && value.isWellFormed() && !value.includes("\0")) continue;
    assert.fail(`${JSON.stringify(value)} as ${DATASETS[dataset].silverColumns[at]} in silver`);
  }
}

/** JavaScript would take February 30 for March. */
function isRealInstant(value: string): boolean {
  const time = new Date(value.length === 10 ? `${value}T00:00:00Z` : value).getTime();
  return (
    !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === `${value}T00:00:00`.slice(0, 19)
  );
}

function checkRejected(line: QuarantineLine, key: string): void {
  assert.equal(line.source_key, key);
  assert.match(line.reason, /^[a-z0-9_]+$/);
  assert.equal(typeof line.raw, "string", "the raw text of a rejected record");
  const [place, least] = line.line === undefined ? [line.index, 0] : [line.line, 1];
  assert.ok(Number.isSafeInteger(place) && place! >= least, `the place of a rejected record is ${place}`);
}
