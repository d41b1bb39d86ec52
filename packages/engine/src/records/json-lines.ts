import { NEED_MORE, OPEN_BRACE, OPEN_BRACKET, skipBlanks } from "./bytes.ts";
import { isRecord, mayBeScalar, parseExact } from "./exact-json.ts";
import { afterLineEnd, type FlatObjects, NOT_PLAIN, skipSpaces } from "./flat-objects.ts";
import { JsonScanner } from "./json-scanner.ts";
import { LineReader } from "./line-reader.ts";
import {
  CUT_OFF,
  INVALID_UTF8,
  jsonProblem,
  notAnObject,
  type Problem,
  rejection,
  STRAY_TEXT,
  unexpectedByte,
} from "./rejection.ts";
import { decode } from "./text.ts";

const BYTE_ORDER_MARK = "\uFEFF";

/** Reads JSON Lines: each line that is not blank is one value. */
export class JsonLinesReader extends LineReader {
  readonly #scanner = new JsonScanner();
  /** True where the last line was broken: an error of JSON.parse is costly, so the next is scanned before. */
  #wary = false;
  readonly #flat: FlatObjects | undefined;

  /** @param flat reads plain lines, where only the known fields are asked for */
  constructor(line: number, maxRecordBytes: number, flat: FlatObjects | undefined) {
    super(line, maxRecordBytes);
    this.#flat = flat;
  }

  get names(): ReadonlyMap<string, number> {
    return this.#flat?.names ?? new Map();
  }

  protected override get isFresh(): boolean {
    return !this.#wary;
  }

  protected override begin(): void {
    this.#flat?.reset(this.bytes, this.charset);
  }

  protected override plainRecord(start: number): number {
    const { bytes } = this;
    if (this.#flat === undefined || bytes[start] !== OPEN_BRACE) return NEED_MORE;
    const closed = this.#flat.read(start, Math.min(bytes.length, start + this.maxRecordBytes));
    if (closed === NOT_PLAIN) return NEED_MORE;
    const end = skipSpaces(bytes, closed);
    const next = afterLineEnd(bytes, end);
    if (next === NOT_PLAIN || end - start > this.maxRecordBytes) return NEED_MORE;
    this.#wary = false;
    this.give(this.#flat.cells, start, end);
    return next;
  }

  protected override record(start: number, end: number): number {
    this.mark(start, end);
    const raw = decode(this.bytes, start, end, this.charset);
    const problem = raw === undefined ? INVALID_UTF8 : this.#read(raw, start, end);
    if (problem)
      this.out.reject(rejection(this.bytes.subarray(start, end), { line: this.position }, problem));
    return this.nextLine(end);
  }

  /** Makes a record of a line, or says what is wrong with it. */
  #read(raw: string, start: number, end: number): Problem | undefined {
    // Files that were put one after the other have a byte order mark in the middle.
    const text = raw.startsWith(BYTE_ORDER_MARK) ? raw.slice(1) : raw;
    const flaw = this.#wary ? this.#flaw(text, start + (raw.length - text.length) * 3, end) : undefined;
    if (flaw) return flaw;
    try {
      const value = parseExact(text);
      this.#wary = false;
      if (!isRecord(value)) return notAnObject(value);
      this.out.record(value, { line: this.position }, raw);
      return undefined;
    } catch (error) {
      this.#wary = true;
      return jsonProblem(error);
    }
  }

  /** What is wrong with a line, as far as a scan shows it. */
  #flaw(text: string, start: number, end: number): Problem | undefined {
    const first = skipBlanks(this.bytes, start, end);
    if (this.bytes[first] !== OPEN_BRACE && this.bytes[first] !== OPEN_BRACKET) {
      return mayBeScalar(text) ? undefined : STRAY_TEXT;
    }
    this.#scanner.reset();
    const outcome = this.#scanner.run(this.bytes, first, end);
    if (outcome === "open") return CUT_OFF;
    const at = outcome === "closed" ? skipBlanks(this.bytes, this.#scanner.at, end) : this.#scanner.at;
    return at < end ? unexpectedByte(this.bytes, start, at) : undefined;
  }
}
