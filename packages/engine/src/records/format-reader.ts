import type { RawRecord, RecordPlace } from "../raw-record.ts";
import { ByteWindow } from "./byte-window.ts";
import { CsvReader } from "./csv.ts";
import type { ReadableFormat } from "./detect-format.ts";
import { JsonLinesReader } from "./json-lines.ts";
import { JsonSequenceReader } from "./json-sequence.ts";
import type { RecordReader } from "./record-reader.ts";

export interface FormatOptions {
  knownFields: readonly string[];
  /** The number of the line with which the content begins. */
  line: number;
  maxRecordBytes: number;
}

/** Reads a content of a known format, in chunks of any size. */
export class FormatReader {
  readonly #window = new ByteWindow();
  readonly #reader: RecordReader;

  constructor(format: ReadableFormat, options: FormatOptions) {
    this.#reader = readerOf(format, options);
  }

  /** The place of whatever comes next. */
  get place(): RecordPlace {
    return this.#reader.place;
  }

  push(chunk: Uint8Array): RawRecord[] {
    this.#window.append(chunk);
    return this.#window.worthAsking ? this.#read(false) : [];
  }

  /** To be called when nothing more comes. */
  finish(): RawRecord[] {
    return this.#read(true);
  }

  #read(final: boolean): RawRecord[] {
    const records: RawRecord[] = [];
    this.#window.consume(this.#reader.read(this.#window.view, final, records));
    return records;
  }
}

function readerOf(format: ReadableFormat, options: FormatOptions): RecordReader {
  const { knownFields, line, maxRecordBytes } = options;
  if (format.kind === "csv") return new CsvReader(format.delimiter, knownFields, line, maxRecordBytes);
  if (format.kind === "json-lines") return new JsonLinesReader(line, maxRecordBytes);
  return new JsonSequenceReader(format.kind === "json-array", maxRecordBytes);
}
