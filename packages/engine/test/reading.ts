import { gzipSync } from "node:zlib";
import type { RawRecord, ReadOptions } from "../src/index.ts";
import { readRecords } from "../src/index.ts";

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

/** Reads in chunks of one byte, of seven bytes and at once; all must agree, and are given. */
export async function readInAnyChunks(
  content: string | Uint8Array,
  options: Partial<ReadOptions> = {},
): Promise<RawRecord[]> {
  const whole = await readAll(content, options);
  for (const size of [1, 7, 1000]) {
    const pieces = await readAll(content, options, size);
    if (JSON.stringify(pieces) !== JSON.stringify(whole)) {
      throw new Error(`chunks of ${size} give ${show(pieces)}\nbut the whole gives ${show(whole)}`);
    }
  }
  return whole;
}

/** A record as tests write it: its fields, or `reason@place: raw`. */
export function brief(record: RawRecord): unknown {
  if (!("problem" in record)) return record.fields;
  const place = "line" in record.place ? record.place.line : record.place.index;
  return `${record.problem.reason}@${place}: ${record.raw}`;
}

export const show = (records: RawRecord[]): string => JSON.stringify(records.map(brief));

export const gz = (content: string | Uint8Array): Buffer => gzipSync(content);
