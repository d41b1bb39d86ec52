import { ByteWindow } from "./byte-window.ts";
import { Cells } from "./cells.ts";
import { ContentReader, type ReadOptions } from "./content-reader.ts";
import type { Continuation } from "./format-reader.ts";
import type { RecordSink } from "./record-sink.ts";

/** Decides what becomes of a content's bytes. What it gives back or changes must leave every record a record. */
export interface RecordEditor {
  /** How many bytes a text has at most that `rest` looks for, with what it looks at around it. */
  readonly reach: number;
  /** Bytes of which the next records and all that stands around them are a part. */
  look(bytes: Buffer): void;
  /**
   * A record.
   *
   * @param values its known fields; valid during the call only, and not to be changed
   * @param bytes as it stands in the content, not to be changed
   * @returns what is to stand there instead; `undefined` to leave it
   */
  record(values: Cells, bytes: Buffer, form: Continuation): Buffer | undefined;
  /** A piece that is no record. It may be changed in place: its length stays, and so does the reason why it is none. */
  piece(bytes: Buffer, form: Continuation): void;
  /** Whatever stands outside of records, pieces included. May be changed in place. */
  rest(bytes: Buffer): void;
}

/**
 * Rewrites records of a content of any known format, in chunks of any size; every other byte stays as it is. Memory is
 * bounded as that of `ContentReader` is.
 */
export class ContentRewriter {
  readonly #reader: ContentReader;
  readonly #editor: RecordEditor;
  readonly #knownFields: readonly string[];
  readonly #cells: Cells;
  /** The content's bytes that were not given back, from `#start` on. */
  readonly #window = new ByteWindow();
  #start = 0;
  #end = 0;
  /** Where the last record ends, or what is decided of what stands around records. */
  #recordEnd = 0;
  #isLookedAt = false;
  #out: Buffer[] = [];

  constructor(options: ReadOptions, editor: RecordEditor) {
    this.#editor = editor;
    this.#knownFields = options.knownFields;
    this.#cells = new Cells(options.knownFields.length);
    const sink: RecordSink = {
      values: (values) => this.#record(values),
      record: (fields) => {
        this.#cells.set(this.#knownFields.map((name) => fields[name]));
        this.#record(this.#cells);
      },
      reject: () => this.#piece(),
    };
    this.#reader = new ContentReader(options, true, sink);
  }

  /** Takes a chunk, whose memory must not change afterwards, and gives back what is decided. */
  push(chunk: Uint8Array): Buffer[] {
    // What is edited in place must not change what the reader looks at.
    this.#window.append(Buffer.from(chunk));
    this.#end += chunk.length;
    this.#isLookedAt = false;
    if (!this.#reader.unreadable) this.#reader.push(chunk);
    const decided = this.#reader.unreadable ? this.#end : this.#reader.consumed;
    // Of a long rest, a text may go on in what comes, or end differently.
    if (decided - this.#recordEnd > 2 * this.#editor.reach) {
      this.#rest(decided);
      this.#recordEnd = decided - this.#editor.reach;
    }
    this.#give(this.#recordEnd);
    return this.#taken();
  }

  /**
   * To be called when nothing more comes.
   *
   * @param damage see `ContentReader.finish`
   */
  finish(damage?: string): Buffer[] {
    this.#reader.finish(damage);
    this.#rest(this.#end);
    this.#give(this.#end);
    return this.#taken();
  }

  #record(values: Cells): void {
    if (!this.#isLookedAt) this.#editor.look(this.#window.view);
    this.#isLookedAt = true;
    const { start, end } = this.#reader.given;
    this.#rest(start);
    const replacement = this.#editor.record(values, this.#slice(start, end), this.#reader.form!);
    if (replacement) {
      this.#give(start);
      this.#out.push(replacement);
      this.#skip(end);
    }
    this.#recordEnd = end;
  }

  #piece(): void {
    const { start, end } = this.#reader.given;
    const form = this.#reader.form;
    // What stands for a damage or a whole content is no piece of it.
    if (form && start >= this.#start && end > start) this.#editor.piece(this.#slice(start, end), form);
  }

  #rest(end: number): void {
    if (end > this.#recordEnd) this.#editor.rest(this.#slice(this.#recordEnd, end));
  }

  #slice(start: number, end: number): Buffer {
    return this.#window.view.subarray(start - this.#start, end - this.#start);
  }

  #give(end: number): void {
    if (end > this.#start) this.#out.push(Buffer.from(this.#slice(this.#start, end)));
    this.#skip(end);
  }

  #skip(end: number): void {
    this.#window.consume(end - this.#start);
    this.#start = end;
  }

  #taken(): Buffer[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }
}
