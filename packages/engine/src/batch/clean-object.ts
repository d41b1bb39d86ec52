import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { IngotError, type ObjectStore, quarantineKeyOf, splitKey } from "@ingot/common";
import { csvLine } from "../csv-writer.ts";
import type { InputObject } from "./inputs.ts";
import type { SourceTable } from "./pipeline.ts";
import { WHOLE } from "./places.ts";
import { readRecordPieces } from "./read-record-pieces.ts";
import type { Rule, SourcePiece } from "./source-record.ts";
import type { ObjectState } from "./table-state.ts";

/** A workbook is read as a whole. */
const MOST_WORKBOOK_BYTES = 256 * 1024 * 1024;
const ZIP = Buffer.from("PK\x03\x04", "latin1");
const WRITE_BYTES = 1024 * 1024;

export interface CleanTarget {
  /** Where rows go: CSV without a header, a row's key in bronze and its position behind its columns. */
  file: RowFile;
  /** Only rows of these parts are written; of all where it is absent. */
  parts?: ReadonlySet<string> | undefined;
}

export interface CleanedSource {
  etag: string;
  parts: Record<string, number>;
  records: ObjectState["records"];
  rejections: string[];
}

/**
 * Cleans an object: each record by the rule, rows into a file.
 *
 * @throws IngotError `source_invalid` for an object that cannot be of this source; of the storage
 */
export async function cleanObject(
  bronze: ObjectStore,
  { key, table }: InputObject,
  rule: Rule,
  { file, parts: wanted }: CleanTarget,
  signal: AbortSignal,
): Promise<CleanedSource> {
  const dayAt = table.day === undefined ? -1 : Object.keys(table.columns).indexOf(table.day);
  const parts: Record<string, number> = {};
  const records = { read: 0, kept: 0, rejected: 0, dropped: 0, reasons: {} as Record<string, number> };
  const rejections: string[] = [];
  const reject = (piece: SourcePiece, reason: string): void => {
    records.rejected += 1;
    records.reasons[reason] = (records.reasons[reason] ?? 0) + 1;
    rejections.push(rejectionLine(key, piece, reason));
  };
  const { etag, pieces } = await openPieces(bronze, key, table);
  for await (const batch of pieces) {
    signal.throwIfAborted();
    for (const piece of batch) {
      records.read += 1;
      if ("problem" in piece) {
        reject(piece, piece.problem.reason);
        continue;
      }
      const outcome = rule(piece.record);
      if (outcome === undefined) records.dropped += 1;
      else if (typeof outcome === "string") reject(piece, outcome);
      else {
        records.kept += 1;
        const part = dayAt < 0 ? WHOLE : outcome[dayAt]!;
        parts[part] = (parts[part] ?? 0) + 1;
        if (wanted === undefined || wanted.has(part)) file.add(outcome, key, piece.place);
      }
    }
    await file.drained();
  }
  return { etag, parts, records, rejections };
}

async function openPieces(bronze: ObjectStore, key: string, { fields }: SourceTable) {
  const { etag, size, body } = await bronze.read(key);
  const options = { name: splitKey(key).base, fields };
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  const whole = (async function* () {
    try {
      for (let next = first; !next.done; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  })();
  const isZip = !first.done && Buffer.from(first.value).subarray(0, ZIP.length).equals(ZIP);
  if (!isZip) return { etag, pieces: readRecordPieces(whole, options) };
  if (size > MOST_WORKBOOK_BYTES) {
    await whole.return(undefined);
    const text = `${key} has ${size} bytes; a workbook may have ${MOST_WORKBOOK_BYTES} at most. Save it as CSV.`;
    throw new IngotError("source_invalid", text, { context: { layer: "bronze", key } });
  }
  const bytes: Uint8Array[] = await Array.fromAsync(whole);
  // Loaded here only: most files are no workbooks.
  const { readWorkbookPieces } = await import("./read-workbook-pieces.ts");
  return { etag, pieces: [await readWorkbookPieces(Buffer.concat(bytes), options)] };
}

/** A line of quarantine, as e-commerce has it: where the record stands, why it is there, and its raw text. */
function rejectionLine(key: string, piece: SourcePiece, reason: string): string {
  const detail = "problem" in piece ? piece.problem.detail : undefined;
  const { rawBase64: raw_base64, rawTruncated: raw_truncated } = "problem" in piece ? piece : {};
  const line = { source_key: key, ...piece.place, reason, detail, raw: piece.raw, raw_base64, raw_truncated };
  return `${JSON.stringify(line)}\n`;
}

/**
 * Says in quarantine what of an object was rejected; nothing where nothing was.
 *
 * @param isKnownClean true where nothing of it can lie there
 */
export async function quarantine(
  store: ObjectStore,
  key: string,
  rejections: readonly string[],
  isKnownClean: boolean,
): Promise<void> {
  if (rejections.length > 0) {
    const body = Buffer.from(rejections.join(""));
    await store.write(quarantineKeyOf(key), body, { contentType: "application/x-ndjson" });
  } else if (!isKnownClean) await store.delete(quarantineKeyOf(key));
}

/** Rows on their way into DuckDB. */
export class RowFile {
  readonly path: string;
  readonly #stream: ReturnType<typeof createWriteStream>;
  #lines: string[] = [];
  #length = 0;
  rows = 0;

  constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(path);
  }

  add(row: readonly (string | null)[], key: string, place: { line: number } | { index: number }): void {
    const position = "line" in place ? place.line : place.index;
    const line = csvLine([...row.map((value) => value ?? ""), key, String(position)]);
    this.#lines.push(line);
    this.#length += line.length;
    this.rows += 1;
  }

  /** Waits until what was added does not pile up. */
  async drained(): Promise<void> {
    if (this.#length < WRITE_BYTES) return;
    const text = this.#lines.join("");
    this.#lines = [];
    this.#length = 0;
    if (!this.#stream.write(text)) await once(this.#stream, "drain");
  }

  async close(): Promise<void> {
    this.#stream.end(this.#lines.join(""));
    this.#lines = [];
    await finished(this.#stream);
  }
}
