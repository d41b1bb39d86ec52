import type { RawRecord, RecordPlace } from "../raw-record.ts";
import { detectFormat } from "./detect-format.ts";
import { FormatReader } from "./format-reader.ts";
import { HeadCollector } from "./head.ts";
import { type GzipReport, inflated } from "./inflate.ts";
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
  readonly #head = new HeadCollector();
  #reader: FormatReader | undefined;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  get place(): RecordPlace {
    return this.#reader?.place ?? { line: 1 };
  }

  push(chunk: Uint8Array): RawRecord[] {
    if (this.#reader) return this.#given(this.#reader.push(chunk));
    return this.#head.push(chunk) ? this.#decide(false) : [];
  }

  finish(): RawRecord[] {
    const records = this.#reader || !this.#head.finish() ? [] : this.#decide(true);
    return this.#reader ? this.#given([...records, ...this.#reader.finish()]) : records;
  }

  /** Decides about the format, and reads what is collected. */
  #decide(whole: boolean): RawRecord[] {
    const { deciding, line } = this.#head;
    const { name, knownFields, maxRecordBytes = DEFAULT_MAX_RECORD_BYTES } = this.#options;
    const format = detectFormat({ bytes: deciding, whole, name, knownFields });
    if (format.kind === "unreadable") {
      this.unreadable = true;
      return [unreadable(format.detail, deciding)];
    }
    const atLeast = Math.max(maxRecordBytes, LEAST_MAX_RECORD_BYTES);
    this.#reader = new FormatReader(format, { knownFields, line, maxRecordBytes: atLeast });
    return this.#given(this.#reader.push(this.#head.release()));
  }

  #given(records: RawRecord[]): RawRecord[] {
    this.any ||= records.length > 0;
    return records;
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
