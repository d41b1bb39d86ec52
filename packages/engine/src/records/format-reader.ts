import { ByteWindow } from "./byte-window.ts";
import { CsvReader } from "./csv.ts";
import type { ReadableFormat } from "./detect-format.ts";
import { FlatObjects } from "./flat-objects.ts";
import { JsonLinesReader } from "./json-lines.ts";
import { JsonSequenceReader } from "./json-sequence.ts";
import { type NameMatcher, ownNames } from "./name-matcher.ts";
import { PlainRows } from "./plain-rows.ts";
import type { RecordReader } from "./record-reader.ts";
import type { PlaceUnit, RecordSink } from "./record-sink.ts";

export interface FormatOptions {
  knownFields: readonly string[];
  /** Give `values` of the known fields where that is faster than all `fields`. */
  onlyKnownFields: boolean;
  maxRecordBytes: number;
  /** What the names in the file mean; by default only the known fields' own names mean something. */
  matcher?: NameMatcher | undefined;
  /** Truth values among `values` are their text; otherwise they are nothing. */
  truthAsText?: boolean | undefined;
}

/** All that matters, at a point between two records, for how a file goes on. It can be sent to another thread. */
export interface Continuation {
  format: ReadableFormat;
  /** The columns of a CSV file. */
  header: readonly string[] | undefined;
}

/** Reads a content of a known format, in chunks of any size. */
export class FormatReader {
  readonly #window = new ByteWindow();
  readonly #format: ReadableFormat;
  readonly #reader: RecordReader;
  readonly #sink: RecordSink;
  #consumed = 0;

  /** @param line the number of the line with which the content begins */
  constructor(format: ReadableFormat, line: number, options: FormatOptions, sink: RecordSink) {
    this.#format = format;
    this.#reader = readerOf(format, options);
    if (this.#reader.unit === "line") this.#reader.position = line;
    this.#sink = sink;
  }

  get unit(): PlaceUnit {
    return this.#reader.unit;
  }

  /** The line or index of whatever comes next. It may be changed where `continuation` is defined. */
  get position(): number {
    return this.#reader.position;
  }

  set position(next: number) {
    this.#reader.position = next;
  }

  /** How another reader can go on, with what is pending and all that follows; `undefined` where only this one can. */
  get continuation(): Continuation | undefined {
    return this.#reader.isBetweenRecords ? this.form : undefined;
  }

  /** See `ContentShape`. */
  get names(): ReadonlyMap<string, number> {
    return this.#reader.names;
  }

  /** How many bytes of the content have been read. */
  get consumed(): number {
    return this.#consumed;
  }

  /** Where in the content stands what was given last; right while it is given. */
  get given(): { start: number; end: number } {
    const { givenStart, givenEnd } = this.#reader;
    return { start: this.#consumed + givenStart, end: this.#consumed + givenEnd };
  }

  /** The content's form, as far as it is known: a CSV file's header comes with its first line. */
  get form(): Continuation {
    const header = this.#reader instanceof CsvReader ? this.#reader.header : undefined;
    return { format: this.#format, header };
  }

  /** How many bytes wait for more. */
  get pendingBytes(): number {
    return this.#window.view.length;
  }

  /** Gives the bytes away that wait for more. To be called where there is a continuation. */
  release(): Buffer {
    const bytes = this.#window.view;
    this.#window.consume(bytes.length);
    return bytes;
  }

  push(chunk: Uint8Array): void {
    this.#window.append(chunk);
    if (this.#window.worthAsking) this.#read(false);
  }

  /** To be called when nothing more comes. */
  finish(): void {
    this.#read(true);
  }

  #read(final: boolean): void {
    const read = this.#reader.read(this.#window.view, final, this.#sink);
    this.#consumed += read;
    this.#window.consume(read);
  }
}

/** Reads parts of a file that begin and end between two records, each by itself. */
export class PartReader {
  readonly #reader: RecordReader;
  readonly #sink: RecordSink;

  constructor({ format, header }: Continuation, options: FormatOptions, sink: RecordSink) {
    const begun = format.kind === "json-array" ? ({ kind: "json-sequence" } as const) : format;
    this.#reader = readerOf(begun, options);
    if (this.#reader instanceof CsvReader && header) this.#reader.header = header;
    this.#sink = sink;
  }

  /**
   * Reads a part; positions count from 0.
   *
   * @returns how many positions it has, or `undefined` where it does not end between two records, or only a reader
   *   that knows the rest could tell: then what the sink got is void, and so is this reader
   */
  read(part: Buffer): number | undefined {
    this.#reader.position = 0;
    const isWhole = this.#reader.read(part, false, this.#sink) === part.length;
    return isWhole && this.#reader.isBetweenRecords ? this.#reader.position : undefined;
  }
}

function readerOf(format: ReadableFormat, options: FormatOptions): RecordReader {
  const { knownFields, onlyKnownFields, maxRecordBytes, matcher } = options;
  if (format.kind === "csv") {
    const plain = onlyKnownFields ? new PlainRows(format.delimiter, knownFields) : undefined;
    return new CsvReader(format.delimiter, matcher ?? ownNames(knownFields), 1, maxRecordBytes, plain);
  }
  const isLines = format.kind === "json-lines";
  const flat = onlyKnownFields ? new FlatObjects(knownFields, !isLines, options) : undefined;
  if (isLines) return new JsonLinesReader(1, maxRecordBytes, flat);
  return new JsonSequenceReader(format.kind === "json-array", maxRecordBytes, flat);
}
