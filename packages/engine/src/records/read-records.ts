import type { RawRecord, RecordPlace } from "../raw-record.ts";
import { ByteWindow } from "./byte-window.ts";
import { CsvReader } from "./csv.ts";
import { detectFormat, type Format } from "./detect-format.ts";
import { HeadCollector } from "./head.ts";
import { type GzipReport, inflated } from "./inflate.ts";
import { JsonLinesReader } from "./json-lines.ts";
import { JsonSequenceReader } from "./json-sequence.ts";
import type { RecordReader } from "./record-reader.ts";
import { rejection } from "./rejection.ts";

const DEFAULT_MAX_RECORD_BYTES = 1024 * 1024;

/** Below this, what readers look ahead for would not fit into a record. */
const LEAST_MAX_RECORD_BYTES = 1024;

/** A chunk is read in such pieces, so that a batch has a bounded number of records. */
const PIECE_BYTES = 256 * 1024;

/** How much of an unreadable object is shown, in bytes. */
const SAMPLE_BYTES = 200;

export interface ReadOptions {
  /** Base name of the object. Its ending is only a hint, the content decides. */
  name: string;
  /** The dataset's field names, by which a CSV header is recognised. */
  knownFields: readonly string[];
  /** The greatest length of a record, at least 1 KiB; 1 MiB by default. */
  maxRecordBytes?: number;
}

/**
 * Reads any input object (contract: e-commerce, sections 1 and 3), record by record, in batches that are in the order
 * of the file and never empty. CSV, a JSON array, JSON values one after the other and JSON Lines are recognised by
 * their content, each also with gzip.
 *
 * What is no record becomes a problem with a reason, and costs none of its neighbours. A content that is no known
 * format gives exactly one record, with the reason `unreadable`; an empty one gives none. Memory is bounded by a few
 * times `maxRecordBytes`, whatever the size of the object. The result does not depend on how `body` is cut in chunks.
 *
 * @throws what `body` throws, unchanged
 */
export async function* readRecords(
  body: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): AsyncGenerator<RawRecord[], void, undefined> {
  const gzip: GzipReport = {};
  const content = new ContentReader(options);
  for await (const chunk of inflated(body, gzip)) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const records = content.push(chunk.subarray(at, at + PIECE_BYTES));
      if (records.length > 0) yield records;
      if (content.unreadable) return;
    }
  }
  const records = content.finish();
  if (gzip.damage !== undefined && !content.unreadable) records.push(damagedGzip(gzip.damage, content));
  if (records.length > 0) yield records;
}

/** Recognises the format of a content and reads it. */
class ContentReader {
  /** True where the content is no known format: then its one record has been given. */
  unreadable = false;
  /** True where any record has been given. */
  any = false;
  readonly #options: ReadOptions;
  readonly #maxRecordBytes: number;
  readonly #window = new ByteWindow();
  #head: HeadCollector | undefined = new HeadCollector();
  #reader: RecordReader | undefined;

  constructor(options: ReadOptions) {
    this.#options = options;
    this.#maxRecordBytes = Math.max(
      options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES,
      LEAST_MAX_RECORD_BYTES,
    );
  }

  get place(): RecordPlace {
    return this.#reader?.place ?? { line: 1 };
  }

  push(chunk: Uint8Array): RawRecord[] {
    if (!this.#head) return this.#read(chunk, false);
    return this.#head.push(chunk) ? this.#decide(this.#head, false) : [];
  }

  finish(): RawRecord[] {
    if (!this.#head) return this.#read(undefined, true);
    return this.#head.finish() ? this.#decide(this.#head, true) : [];
  }

  #decide(head: HeadCollector, final: boolean): RawRecord[] {
    const { bytes, deciding, line } = head;
    const whole = final && deciding.length === bytes.length;
    const { name, knownFields } = this.#options;
    const format = detectFormat({ bytes: deciding, whole, name, knownFields });
    this.#head = undefined;
    if (format.kind === "unreadable") {
      this.unreadable = true;
      return [unreadable(format.detail, deciding)];
    }
    this.#reader = this.#readerOf(format, line);
    return this.#read(bytes, final);
  }

  #read(chunk: Uint8Array | undefined, final: boolean): RawRecord[] {
    const records: RawRecord[] = [];
    if (chunk) this.#window.append(chunk);
    if (this.#reader && (final || this.#window.worthAsking)) {
      this.#window.consume(this.#reader.read(this.#window.view, final, records));
    }
    this.any ||= records.length > 0;
    return records;
  }

  #readerOf(format: Exclude<Format, { kind: "unreadable" }>, line: number): RecordReader {
    if (format.kind === "csv") {
      return new CsvReader(format.delimiter, this.#options.knownFields, line, this.#maxRecordBytes);
    }
    if (format.kind === "json-lines") return new JsonLinesReader(line, this.#maxRecordBytes);
    return new JsonSequenceReader(format.kind === "json-array", this.#maxRecordBytes);
  }
}

function unreadable(detail: string, content: Buffer): RawRecord {
  return rejection(content.subarray(0, SAMPLE_BYTES), { line: 1 }, { reason: "unreadable", detail }, true);
}

function damagedGzip(damage: string, content: ContentReader): RawRecord {
  const detail = `${damage}; what could be decompressed before is read`;
  return content.any
    ? { raw: "", place: content.place, problem: { reason: "damaged_gzip", detail } }
    : {
        raw: "",
        place: { line: 1 },
        problem: { reason: "unreadable", detail: `damaged gzip (${damage}); nothing could be read` },
      };
}
