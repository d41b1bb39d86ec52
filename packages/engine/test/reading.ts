import type { RawRecord, ReadOptions } from "../src/index.ts";
import { readRecords } from "../src/index.ts";
import { detectFormat } from "../src/records/detect-format.ts";
import { FormatReader } from "../src/records/format-reader.ts";
import { HeadCollector } from "../src/records/head.ts";

export const KNOWN_FIELDS = ["id", "name", "email", "amount"];

/** Bytes as a storage would give them, in chunks of one size. */
export async function* chunked(content: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function readAll(
  content: string | Uint8Array,
  options: Partial<ReadOptions> = {},
  chunkSize = Number.MAX_SAFE_INTEGER,
): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  const all = { name: "orders.json", knownFields: KNOWN_FIELDS, ...options };
  for await (const batch of readRecords(chunked(content, chunkSize), all)) records.push(...batch);
  return records;
}

/**
 * Reads in chunks of any of these sizes, all of which must agree with the reading at once, which is given. Since the
 * first 64 KiB are collected before they are read, the reader of the format is also fed by itself.
 */
export async function readInAnyChunks(
  content: string | Uint8Array,
  options: Partial<ReadOptions> = {},
  sizes: readonly number[] = [1, 7, 1000],
): Promise<RawRecord[]> {
  const whole = await readAll(content, options);
  for (const size of sizes) {
    expectSame(await readAll(content, options, size), whole, `chunks of ${size}`);
    const fed = feed(content, options, size);
    if (fed) expectSame(fed, whole, `a reader fed with chunks of ${size}`);
  }
  return whole;
}

function expectSame(records: RawRecord[], whole: RawRecord[], how: string): void {
  if (JSON.stringify(records) === JSON.stringify(whole)) return;
  throw new Error(`${how}: ${JSON.stringify(records)}\nbut at once: ${JSON.stringify(whole)}`);
}

/** Feeds the reader of a content's format in chunks; `undefined` where there is none, or the content is compressed. */
function feed(
  content: string | Uint8Array,
  options: Partial<ReadOptions>,
  size: number,
): RawRecord[] | undefined {
  const head = new HeadCollector();
  const bytes = Buffer.from(content);
  const isWhole = !head.push(bytes);
  if (bytes.indexOf("\x1f\x8b", 0, "latin1") === 0 || !head.finish()) return undefined;
  const { name = "orders.json", knownFields = KNOWN_FIELDS, maxRecordBytes = 1024 * 1024 } = options;
  const format = detectFormat({ bytes: head.deciding, whole: isWhole, name, knownFields });
  if (format.kind === "unreadable") return undefined;
  const reader = new FormatReader(format, { knownFields, line: head.line, maxRecordBytes });
  const rest = head.release();
  const records: RawRecord[] = [];
  for (let at = 0; at < rest.length; at += size) records.push(...reader.push(rest.subarray(at, at + size)));
  return [...records, ...reader.finish()];
}

/** A record as tests write it: its fields, or `reason@place: raw`. */
export function brief(record: RawRecord): unknown {
  if (!("problem" in record)) return record.fields;
  const place = "line" in record.place ? record.place.line : record.place.index;
  return `${record.problem.reason}@${place}: ${record.raw}`;
}
