import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { FileStore, readAll } from "@ingot/common";
import { inflated } from "@ingot/engine";
import {
  createRuleContext,
  DATASETS,
  quarantineKey,
  type RejectSamples,
  samplesFromMetadata,
  silverKey,
} from "@ingot/pipelines";
import { cleanObject } from "../../services/cleaner/src/clean-object.ts";
import { Helpers } from "../../services/cleaner/src/helpers.ts";
import { checkCleaned, type QuarantineLine, UNACCOUNTED } from "../../services/cleaner/test/check-cleaned.ts";
import {
  ALONE,
  type CleanedContent,
  chunksOf,
  cleanContent,
} from "../../services/cleaner/test/clean-content.ts";
import type { Figures } from "./figures.ts";
import type { FuzzCase } from "./fuzz-case.ts";
import { checkIntact, intactLines } from "./intact.ts";

const context = createRuleContext({ businessTimezone: "America/St_Johns", emailHashKey: "fuzz" });

/** Tells how many blocks were shared. */
class CountingHelpers extends Helpers {
  blocks = 0;

  override clean(...task: Parameters<Helpers["clean"]>): ReturnType<Helpers["clean"]> {
    this.blocks += 1;
    return super.clean(...task);
  }
}

const helpers = new CountingHelpers(2);

/**
 * Cleans an input in all ways and checks what holds for any.
 *
 * @param folder gets the input before it is cleaned, for somebody to look at where it does not end
 * @throws AssertionError where something does not hold; what the cleaner throws
 */
export async function tryCase(input: FuzzCase, folder: string): Promise<Figures> {
  const { what, dataset, key, bytes } = input;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, key), bytes);
  const result = await cleanContent(input, context);
  const { rows, rejected } = await checkCleaned(dataset, key, result);
  const blocks = await checkOtherWays(input, result, folder);
  const { read, reasons } = result.counts;
  if (input.records !== undefined)
    assert.equal(read, input.records, `${UNACCOUNTED}: not all records of a valid file`);
  if (input.otherWay) await checkOtherForm(input, input.otherWay, result);
  checkSecrets(result, input.secrets ?? []);
  const text = Buffer.concat(await Array.fromAsync(inflated(chunksOf(bytes, 65_536), {})));
  checkRaws(rejected, text);
  const isUnreadable = reasons.unreadable !== undefined;
  const intact = input.source && !isUnreadable ? intactLines(input.source, text) : undefined;
  let far = 0;
  if (input.source && intact) {
    far = await checkIntact({ ...input, source: input.source }, rows, intact, context);
    checkSecrets(result, secretsOf(intact.far, intact.near.join("\n")));
  }
  const { kept, duplicates } = result.counts;
  const unreadable = isUnreadable ? 1 : 0;
  return {
    what,
    inputs: 1,
    bytes: bytes.length,
    records: read,
    kept,
    rejected: rejected.length,
    duplicates,
    unreadable,
    far,
    blocks,
  };
}

/** Again, by one thread; by helpers; through stores. @returns how many blocks were shared */
async function checkOtherWays(input: FuzzCase, expected: CleanedContent, folder: string): Promise<number> {
  const { chunkBytes, blockBytes, onDisk } = input;
  // Seven bytes at a time would take a larger file too long.
  const chunk = Math.max(chunkBytes, input.bytes.length >> 9);
  expectSame(await cleanContent(input, context, ALONE, chunk), expected, `alone, in chunks of ${chunk}`);
  const before = helpers.blocks;
  if (blockBytes !== undefined) {
    const sharing = { helpers, largeBytes: 0, blockBytes, isPatient: true };
    expectSame(await cleanContent(input, context, sharing), expected, `by helpers, blocks of ${blockBytes}`);
  }
  if (onDisk) expectSame(await cleanedOnDisk(input, folder), expected, "through stores");
  return helpers.blocks - before;
}

async function cleanedOnDisk({ dataset, key, bytes }: FuzzCase, folder: string): Promise<CleanedContent> {
  const layer = (name: string): FileStore => new FileStore(path.join(folder, name));
  const lake = { bronze: layer("bronze"), silver: layer("silver"), quarantine: layer("quarantine") };
  await lake.bronze.write(key, bytes);
  const task = { key, dataset: DATASETS[dataset], replace: false };
  const counts = await cleanObject(lake, task, context);
  const isRejected = (await lake.quarantine.stat(quarantineKey(key))) !== undefined;
  const target = silverKey(DATASETS[dataset], key);
  return {
    counts,
    samples: samplesFromMetadata((await lake.silver.stat(target))?.metadata ?? {}),
    silver: await readAll(lake.silver, target),
    quarantine: isRejected ? await readAll(lake.quarantine, quarantineKey(key)) : Buffer.alloc(0),
  };
}

function expectSame(found: CleanedContent, expected: CleanedContent, how: string): void {
  assert.deepEqual(found.counts, expected.counts, `other counts ${how}`);
  // An object has room for so many.
  const told = (samples: RejectSamples) => JSON.parse(JSON.stringify({ ...expected.samples, ...samples }));
  assert.deepEqual(told(found.samples), told({}), `other samples ${how}`);
  assert.ok(found.silver.equals(expected.silver), `other bytes in silver ${how}`);
  assert.ok(found.quarantine.equals(expected.quarantine), `other bytes in quarantine ${how}`);
}

/** The same records as another form of JSON. Where they stand and how they look there differs, and nothing else. */
async function checkOtherForm(
  { dataset }: FuzzCase,
  other: { key: string; bytes: Buffer },
  expected: CleanedContent,
): Promise<void> {
  const { counts, silver } = await cleanContent({ dataset, ...other }, context);
  assert.deepEqual(counts, expected.counts, `other counts as ${other.key}`);
  assert.ok(silver.equals(expected.silver), `other bytes in silver as ${other.key}`);
}

/** Each raw text stands in the file, and where it has a line, there. */
function checkRaws(rejected: readonly QuarantineLine[], text: Buffer): void {
  const starts = rejected.some(({ line }) => line !== undefined) ? lineStarts(text) : [];
  let at = 0;
  for (const { line, raw, raw_base64, reason } of rejected) {
    const bytes = raw_base64 === undefined ? Buffer.from(raw) : Buffer.from(raw_base64, "base64");
    if (bytes.length === 0 || reason === "unreadable") continue;
    if (line === undefined) {
      // In the order of the file.
      at = text.indexOf(bytes, at);
      assert.ok(
        at !== -1,
        `the raw text of a rejected record is not in the file, or earlier: ${raw.slice(0, 200)}`,
      );
      at += bytes.length;
      continue;
    }
    const start = starts[line - 1];
    assert.ok(start !== undefined, `line ${line} of a rejected record is not in the file`);
    const found = text.indexOf(bytes, start);
    const isThere = found !== -1 && text.toString("latin1", start, found).trim().replace(/^ï»¿/, "") === "";
    assert.ok(isThere, `line ${line} is not the raw text of its rejected record: ${raw.slice(0, 200)}`);
  }
}

function lineStarts(text: Buffer): number[] {
  const starts = [0];
  for (const { 0: end, index } of text.toString("latin1").matchAll(/\r\n|\r|\n/g))
    starts.push(index + end.length);
  return starts;
}

/** Each is looked for in all of silver. */
const SECRETS_AT_MOST = 100;

/** The e-mail and IP addresses of lines that are whole, but for those that stand in damaged ones as well. */
function secretsOf(far: readonly string[], near: string): string[] {
  const found = far
    .slice(-SECRETS_AT_MOST)
    .flatMap((line) => line.match(/[\w.+-]+@[\w.-]+\.\w+|\b\d{1,3}(?:\.\d{1,3}){3}\b/g) ?? []);
  return [...new Set(found)].filter((secret) => !near.includes(secret));
}

function checkSecrets({ silver, samples }: CleanedContent, secrets: readonly string[]): void {
  if (secrets.length === 0) return;
  const text = `${silver.toString("utf8")}${JSON.stringify(samples)}`.toLowerCase();
  const there = secrets.find((secret) => text.includes(secret.toLowerCase()));
  assert.equal(
    there,
    undefined,
    `a name, an e-mail or an IP address is in silver, or in its samples: ${there}`,
  );
}
