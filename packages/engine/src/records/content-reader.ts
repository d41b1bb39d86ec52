import { type ContentShape, formatText } from "./content-shape.ts";
import { detectFormat } from "./detect-format.ts";
import { type Continuation, FormatReader } from "./format-reader.ts";
import { HeadCollector } from "./head.ts";
import type { NameMatcher } from "./name-matcher.ts";
import { type PlaceUnit, placeAt, type RecordSink } from "./record-sink.ts";
import { rejection } from "./rejection.ts";

const DEFAULT_MAX_RECORD_BYTES = 1024 * 1024;

/** Below this, what readers look ahead for would not fit into a record. */
const LEAST_MAX_RECORD_BYTES = 1024;

/** How much of an unreadable object is shown, in bytes. */
const SAMPLE_BYTES = 200;

export interface ReadOptions {
  /** Base name of the object. Its ending is only a hint, the content decides. */
  name: string;
  /** The dataset's field names, by which a CSV header is recognised. */
  knownFields: readonly string[];
  /** The greatest length of a record, at least 1 KiB; 1 MiB by default. */
  maxRecordBytes?: number;
  /** See `FormatOptions`. */
  matcher?: NameMatcher;
  truthAsText?: boolean;
}

export const maxRecordBytesOf = ({ maxRecordBytes = DEFAULT_MAX_RECORD_BYTES }: ReadOptions): number =>
  Math.max(maxRecordBytes, LEAST_MAX_RECORD_BYTES);

/**
 * Recognises the format of a content, without gzip, and reads it, in chunks of any size. Memory is bounded by a few
 * times `maxRecordBytes`, and the result does not depend on where the chunks end.
 */
export class ContentReader {
  /** True where the content is no known format: then its one record has been given. */
  unreadable = false;
  readonly #options: ReadOptions;
  readonly #onlyKnownFields: boolean;
  readonly #sink: RecordSink;
  readonly #head = new HeadCollector();
  #reader: FormatReader | undefined;
  /** Where the reader's bytes begin in the content: after what it was not given. */
  #start = 0;
  #format: Omit<ContentShape, "names"> | undefined;

  /** @param onlyKnownFields give `values` of the known fields where that is faster than all `fields` */
  constructor(options: ReadOptions, onlyKnownFields: boolean, sink: RecordSink) {
    this.#options = options;
    this.#onlyKnownFields = onlyKnownFields;
    this.#sink = sink;
  }

  get unit(): PlaceUnit {
    return this.#reader?.unit ?? "line";
  }

  /** The line or index of whatever comes next. */
  get position(): number {
    return this.#reader?.position ?? 1;
  }

  /** What it looks like as far as it was read here; `undefined` for a content of blanks. */
  get shape(): ContentShape | undefined {
    return this.#format && { ...this.#format, names: this.#reader?.names ?? new Map() };
  }

  /** Up to where the content has been read; what lies before and was not given is blank, a delimiter, a header or passed over. */
  get consumed(): number {
    return this.#reader ? this.#start + this.#reader.consumed : 0;
  }

  /** Where in the content stands the record or piece that was given last; right while it is given. */
  get given(): { start: number; end: number } {
    const { start, end } = this.#reader?.given ?? { start: 0, end: 0 };
    return { start: this.#start + start, end: this.#start + end };
  }

  /** The content's form; `undefined` as long as it is not decided, and for an unreadable one. */
  get form(): Continuation | undefined {
    return this.#reader?.form;
  }

  /** How another reader can go on, with what is pending and all that follows; `undefined` where only this one can. */
  get continuation(): Continuation | undefined {
    return this.#reader?.continuation;
  }

  /** True where others can go on and nothing is pending: all that was pushed has been read. */
  get isBetweenRecords(): boolean {
    return this.#reader?.continuation !== undefined && this.#reader.pendingBytes === 0;
  }

  /** Gives the bytes away that are pending, for others to read. To be called where there is a continuation. */
  release(): Buffer {
    return this.#reader!.release();
  }

  /** Goes on after so many lines or elements that were read by others. To be called between two records. */
  advance(positions: number): void {
    this.#reader!.position += positions;
  }

  push(chunk: Uint8Array): void {
    if (this.#reader) {
      this.#reader.push(chunk);
      return;
    }
    this.#start += chunk.length;
    if (this.#head.push(chunk)) this.#decide(false);
  }

  /**
   * To be called when nothing more comes.
   *
   * @param damage why the content ends before its end, where its compression is damaged
   * @param isEmpty true where no record has been given
   */
  finish(damage?: string, isEmpty: () => boolean = () => false): void {
    if (!this.#reader && this.#head.finish()) this.#decide(true);
    this.#reader?.finish();
    if (damage !== undefined && !this.unreadable) this.#rejectRest(damage, isEmpty());
  }

  /** Decides about the format, and reads what is collected. */
  #decide(whole: boolean): void {
    const { deciding, line } = this.#head;
    const { name, knownFields, matcher, truthAsText } = this.#options;
    const format = detectFormat({ bytes: deciding, whole, name, knownFields, matcher });
    this.#format = {
      format: formatText(format, deciding),
      isReadable: format.kind !== "unreadable",
      hasHeader: format.kind === "csv",
    };
    if (format.kind === "unreadable") {
      this.unreadable = true;
      const problem = { reason: "unreadable", detail: format.detail } as const;
      this.#sink.reject(rejection(deciding.subarray(0, SAMPLE_BYTES), { line: 1 }, problem, true));
      return;
    }
    const maxRecordBytes = maxRecordBytesOf(this.#options);
    const onlyKnownFields = this.#onlyKnownFields;
    const options = { knownFields, onlyKnownFields, maxRecordBytes, matcher, truthAsText };
    this.#reader = new FormatReader(format, line, options, this.#sink);
    const pending = this.#head.release();
    this.#start -= pending.length;
    this.#reader.push(pending);
  }

  #rejectRest(damage: string, isEmpty: boolean): void {
    const place = isEmpty ? { line: 1 } : placeAt(this.unit, this.position);
    const problem = isEmpty
      ? ({ reason: "unreadable", detail: `damaged gzip (${damage}); nothing could be read` } as const)
      : ({ reason: "damaged_gzip", detail: `${damage}; what could be decompressed before is read` } as const);
    this.#sink.reject({ raw: "", place, problem });
  }
}
