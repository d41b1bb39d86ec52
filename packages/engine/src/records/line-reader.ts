import { CR, NEED_MORE, skipBlanks } from "./bytes.ts";
import type { Cells } from "./cells.ts";
import { LineFinder } from "./line-finder.ts";
import type { RecordReader } from "./record-reader.ts";
import { type PlacedSource, placeAt, type RecordSink } from "./record-sink.ts";
import { rejection, tooLarge } from "./rejection.ts";
import { type Charset, charsetOf, decode } from "./text.ts";

/**
 * What the readers of line-based formats share: lines are counted, blank ones skipped, and those that are too long
 * reported by their beginning.
 */
export abstract class LineReader implements RecordReader, PlacedSource {
  readonly unit = "line";
  readonly maxRecordBytes: number;
  /** The number of the next line. */
  position: number;
  bytes: Buffer = Buffer.alloc(0);
  protected final = false;
  protected out!: RecordSink;
  protected charset: Charset = "mixed";
  protected readonly lines = new LineFinder();
  /** True inside a line that is already reported as too long. */
  #skipping = false;
  givenStart = 0;
  givenEnd = 0;

  /** @param line the number of the first line, counted from 1 */
  constructor(line: number, maxRecordBytes: number) {
    this.position = line;
    this.maxRecordBytes = maxRecordBytes;
  }

  /**
   * Reads the record that begins with the line `[start, end)`, which is whole, not blank and not too long.
   * Returns where the next begins, having counted its lines, or NEED_MORE.
   */
  protected abstract record(start: number, end: number): number;

  /**
   * Gives the record of the line that begins at `start`, where it is one of the plain sort that needs no closer look.
   * Returns where the next line begins, having counted this one; NEED_MORE for every other.
   */
  protected abstract plainRecord(start: number): number;

  abstract readonly names: ReadonlyMap<string, number>;

  /** True where the lines that came before do not matter. */
  protected abstract readonly isFresh: boolean;

  get isBetweenRecords(): boolean {
    return !this.#skipping && this.isFresh;
  }

  /** The line that was given last. */
  get raw(): string {
    return decode(this.bytes, this.givenStart, this.givenEnd, this.charset) ?? "";
  }

  read(bytes: Buffer, final: boolean, out: RecordSink): number {
    this.bytes = bytes;
    this.final = final;
    this.out = out;
    this.charset = charsetOf(bytes, final);
    this.lines.reset(bytes, final);
    this.begin();
    let at = 0;
    while (at < bytes.length) {
      const plain = this.#skipping ? NEED_MORE : this.plainRecord(at);
      const next = plain === NEED_MORE ? this.#step(at) : plain;
      if (next === NEED_MORE) return at;
      at = next;
    }
    return at;
  }

  /** Called when `bytes` are new and positions in the former ones have lost their meaning. */
  protected begin(): void {}

  /** Gives a record whose line is `[start, end)`. */
  protected give(cells: Cells, start: number, end: number): void {
    this.mark(start, end);
    this.out.values(cells, this.position++, this);
  }

  /** Says where stands what is given next. */
  protected mark(start: number, end: number): void {
    this.givenStart = start;
    this.givenEnd = end;
  }

  #step(at: number): number {
    const end = this.lines.end(at);
    if (this.#skipping) return this.#skip(at, end);
    const known = end === NEED_MORE ? this.#undoubted() : end;
    if (known - at > this.maxRecordBytes) {
      const piece = this.bytes.subarray(at, at + this.maxRecordBytes);
      this.mark(at, at + this.maxRecordBytes);
      this.out.reject(rejection(piece, placeAt("line", this.position), tooLarge(this.maxRecordBytes), true));
      this.#skipping = true;
      return at;
    }
    if (end === NEED_MORE) return NEED_MORE;
    return skipBlanks(this.bytes, at, end) === end ? this.nextLine(end) : this.record(at, end);
  }

  #skip(at: number, end: number): number {
    if (end !== NEED_MORE) {
      this.#skipping = false;
      return this.nextLine(end);
    }
    return this.#undoubted() > at ? this.#undoubted() : NEED_MORE;
  }

  /** The end of the bytes, but for a CR that may be half of a line end. */
  #undoubted(): number {
    const { length } = this.bytes;
    return this.bytes[length - 1] === CR ? length - 1 : length;
  }

  /** Counts the line that ends at `end` and returns where the next begins. */
  protected nextLine(end: number): number {
    this.position++;
    return this.lines.after(end);
  }
}
