import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isBlank,
  NEED_MORE,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
  skipBlanks,
} from "./bytes.ts";
import { isRecord, mayBeScalar, parseExact } from "./exact-json.ts";
import { type FlatObjects, NOT_PLAIN } from "./flat-objects.ts";
import { lastBefore, nextSibling, type ResyncRegion, resynchronise, signatureOf } from "./json-resync.ts";
import { JsonScanner, type ScanOutcome } from "./json-scanner.ts";
import type { RecordReader } from "./record-reader.ts";
import type { PlacedSource, RecordSink } from "./record-sink.ts";
import {
  CUT_OFF,
  INVALID_UTF8,
  jsonProblem,
  notAnObject,
  type Problem,
  rejection,
  STRAY_TEXT,
  tooLarge,
  unexpectedByte,
} from "./rejection.ts";
import { type Charset, charsetOf, decode } from "./text.ts";

const NESTED_TOO_DEEPLY: Problem = { reason: "invalid_json", detail: "Nested too deeply" };

/** How far after a scalar the reader looks for what follows it, in bytes. */
const LOOK_AHEAD = 64;

/**
 * `elements`: at an element or between two. `lost`: in a broken piece that is already reported, looking for the next
 * element. `oversize`: in an element that is already reported as too large, looking for its end.
 */
type State = "elements" | "lost" | "oversize";

/**
 * Reads a JSON array, or values one after the other, element by element. Brackets around elements, commas and blanks
 * are all taken as mere delimiters, so that a missing or doubled one costs nothing; an array that is an element is
 * recognised by holding no objects.
 */
export class JsonSequenceReader implements RecordReader, PlacedSource {
  readonly unit = "index";
  /** The index of the next element. */
  position = 0;
  readonly #maxRecordBytes: number;
  readonly #scanner = new JsonScanner();
  readonly #flat: FlatObjects | undefined;
  #state: State = "elements";
  /** True once the bracket that opens the whole array has been passed, or where there is none. */
  #opened: boolean;
  /** True where the last element was broken: then the scan comes before the attempt to parse. */
  #wary = false;
  #before: ResyncRegion["before"] = { byte: undefined, newLine: true };
  #signature: Buffer | undefined;

  // What `read` was called with.
  #bytes: Buffer = Buffer.alloc(0);
  #final = false;
  #out!: RecordSink;
  #charset: Charset = "mixed";
  #nextOpen = -1;
  /** Why the last `#element` is none. */
  #error: unknown;
  givenStart = 0;
  givenEnd = 0;

  /**
   * @param isArray true where an opening bracket is expected before the first element
   * @param flat reads plain elements, where only the known fields are asked for
   */
  constructor(isArray: boolean, maxRecordBytes: number, flat: FlatObjects | undefined) {
    this.#opened = !isArray;
    this.#maxRecordBytes = maxRecordBytes;
    this.#flat = flat;
  }

  get names(): ReadonlyMap<string, number> {
    return this.#flat?.names ?? new Map();
  }

  get isBetweenRecords(): boolean {
    return this.#state === "elements" && this.#opened && !this.#wary;
  }

  /** The element that was given last. */
  get raw(): string {
    return decode(this.#bytes, this.givenStart, this.givenEnd, this.#charset) ?? "";
  }

  read(bytes: Buffer, final: boolean, out: RecordSink): number {
    this.#bytes = bytes;
    this.#final = final;
    this.#out = out;
    this.#charset = charsetOf(bytes, final);
    this.#nextOpen = -1;
    this.#flat?.reset(bytes, this.#charset);
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(at);
      if (next === NEED_MORE) return at;
      at = next;
    }
    return at;
  }

  /** Reads one element, or passes one delimiter. Returns where to go on, or NEED_MORE. */
  #step(at: number): number {
    if (this.#state === "lost") return this.#findElement(at);
    if (this.#state === "oversize") return this.#passOversize(at);
    const byte = this.#bytes[at];
    if (byte === OPEN_BRACE) return this.#object(at);
    if (byte === COMMA || byte === CLOSE_BRACKET || isBlank(byte)) return at + 1;
    return byte === OPEN_BRACKET ? this.#bracket(at) : this.#stray(at);
  }

  #object(start: number): number {
    const limit = Math.min(this.#bytes.length, start + this.#maxRecordBytes);
    const plainEnd = this.#flat?.read(start, limit) ?? NOT_PLAIN;
    if (plainEnd !== NOT_PLAIN) {
      this.#wary = false;
      this.#mark(start, plainEnd);
      this.#out.values(this.#flat!.cells, this.position++, this);
      return plainEnd;
    }
    if (!this.#wary) {
      const end = this.#flatEnd(start);
      if (end !== NEED_MORE && end <= limit && this.#element(start, end)) return end;
    }
    this.#scanner.reset();
    const outcome = this.#scanner.run(this.#bytes, start, limit);
    const end = this.#scanner.at;
    if (outcome === "closed") {
      if (this.#scanner.isTooDeep) return this.#tooDeep(start, end);
      if (this.#element(start, end)) {
        this.#wary = false;
        return end;
      }
      return this.#broken(start, jsonProblem(this.#error), end);
    }
    return this.#unclosed(start, limit, outcome);
  }

  /** Rejects a value as a whole: the objects inside of it are no elements. */
  #tooDeep(start: number, end: number): number {
    this.#wary = false;
    this.#reject(start, end, NESTED_TOO_DEEPLY);
    return end;
  }

  /** The end of an object without nested ones: its first closing brace. A guess, which parsing confirms. */
  #flatEnd(start: number): number {
    const close = this.#bytes.indexOf(CLOSE_BRACE, start + 1);
    if (close === -1) return NEED_MORE;
    return close < this.#openAfter(start) ? close + 1 : NEED_MORE;
  }

  /** The next opening brace after `start`, or the end of the bytes. */
  #openAfter(start: number): number {
    if (this.#nextOpen <= start) {
      const open = this.#bytes.indexOf(OPEN_BRACE, start + 1);
      this.#nextOpen = open === -1 ? this.#bytes.length : open;
    }
    return this.#nextOpen;
  }

  /** Makes a record of `[start, end)`. False where it is not JSON. */
  #element(start: number, end: number): boolean {
    const raw = decode(this.#bytes, start, end, this.#charset);
    try {
      const value = parseExact(raw ?? this.#bytes.toString("utf8", start, end));
      this.#mark(start, end);
      if (raw === undefined) this.#reject(start, end, INVALID_UTF8);
      else if (isRecord(value)) this.#out.record(value, { index: this.position++ }, raw);
      else this.#reject(start, end, notAnObject(value));
      return true;
    } catch (error) {
      this.#error = error;
      return false;
    }
  }

  /** A bracket that opens the whole array or stands astray is a delimiter; an array of other values is an element. */
  #bracket(start: number): number {
    if (!this.#opened) {
      this.#opened = true;
      return start + 1;
    }
    const limit = Math.min(this.#bytes.length, start + this.#maxRecordBytes);
    const scanEnd = Math.min(limit, this.#openAfter(start));
    this.#scanner.reset();
    const outcome = this.#scanner.run(this.#bytes, start, scanEnd);
    const end = this.#scanner.at;
    if (outcome === "closed") {
      return this.#element(start, end) ? end : this.#broken(start, jsonProblem(this.#error), end);
    }
    return outcome === "open" && scanEnd < limit ? start + 1 : this.#unclosed(start, limit, outcome);
  }

  /** Goes on where the scan found no end before `limit`. */
  #unclosed(start: number, limit: number, outcome: ScanOutcome): number {
    if (outcome === "broken")
      return this.#broken(start, unexpectedByte(this.#bytes, start, this.#scanner.at));
    if (limit === start + this.#maxRecordBytes) return this.#oversize(start, limit);
    return this.#final ? this.#broken(start, CUT_OFF) : NEED_MORE;
  }

  /** Something that is neither an object nor an array: a scalar that stands as an element, or garbage. */
  #stray(start: number): number {
    const limit = Math.min(this.#bytes.length, start + this.#maxRecordBytes);
    const end = this.#tokenEnd(start, limit);
    if (end === NEED_MORE || end === limit) {
      if (limit < start + this.#maxRecordBytes && !this.#final) return NEED_MORE;
      if (end === NEED_MORE) return this.#broken(start, STRAY_TEXT);
    }
    const ahead = Math.min(this.#bytes.length, end + LOOK_AHEAD);
    const next = skipBlanks(this.#bytes, end, ahead);
    if (next === ahead && ahead < end + LOOK_AHEAD && !this.#final) return NEED_MORE;
    const follower = next < ahead ? this.#bytes[next] : undefined;
    const alone = (next > end || follower !== QUOTE) && follower !== COLON && follower !== CLOSE_BRACE;
    if (alone && mayBeScalar(this.#bytes.toString("latin1", start, end)) && this.#element(start, end))
      return end;
    if (follower === OPEN_BRACKET && !this.#opened) {
      this.#reject(start, end, STRAY_TEXT);
      return end;
    }
    const accept = follower === OPEN_BRACE && this.#bytes[end - 1] !== COLON ? next : undefined;
    return this.#broken(start, STRAY_TEXT, undefined, accept);
  }

  /** The end of a string, or of a run of other bytes. NEED_MORE for a string that does not end. */
  #tokenEnd(start: number, limit: number): number {
    const bytes = this.#bytes;
    let at = start + 1;
    if (bytes[start] === QUOTE) {
      for (; at < limit && bytes[at]! >= SPACE; at++) {
        if (bytes[at] === QUOTE) return at + 1;
        if (bytes[at] === BACKSLASH) at++;
      }
      return NEED_MORE;
    }
    if (bytes[start] === CLOSE_BRACE || bytes[start] === COLON) return at;
    while (at < limit && !isBlank(bytes[at]) && !endsToken(bytes[at]!)) at++;
    return at;
  }

  /**
   * Rejects the broken piece that begins at `start` and finds where elements go on.
   *
   * @param end where the piece ends if no element is found inside it; `undefined` where nobody knows
   * @param accept a brace that may begin an element whatever stands before it
   */
  #broken(start: number, problem: Problem, end?: number, accept?: number): number {
    const region = this.#region(start, end ?? start + this.#maxRecordBytes);
    const result = resynchronise({
      ...region,
      before: { byte: COLON, newLine: false },
      signature: this.#bytes[start] === OPEN_BRACE ? signatureOf(this.#bytes, start) : undefined,
      accept,
    });
    if (result === "undecided") return NEED_MORE;
    this.#wary = true;
    const next = result === "none" ? (end ?? Math.min(region.end, this.#bytes.length)) : result.found;
    if (result !== "none" || end !== undefined || next < region.end) {
      this.#reject(start, withoutDelimiters(this.#bytes, start, next), problem);
    } else {
      this.#reject(start, next, problem, true);
      this.#lose(start, next);
    }
    return next;
  }

  #findElement(start: number): number {
    const region = this.#region(start, start + this.#maxRecordBytes);
    const result = resynchronise({
      ...region,
      before: this.#before,
      signature: this.#signature,
      accept: undefined,
    });
    if (result === "undecided") return NEED_MORE;
    if (result !== "none") {
      this.#state = "elements";
      return result.found;
    }
    const next = Math.min(region.end, this.#bytes.length);
    this.#lose(start, next);
    return next;
  }

  /** Goes on at `next`, knowing only that some element is broken there. */
  #lose(start: number, next: number): void {
    if (this.#state === "elements") this.#signature = signatureOf(this.#bytes, start);
    this.#state = "lost";
    this.#remember(start, next);
  }

  /** Keeps what candidates need to know of `[start, next)`, which is about to be consumed. */
  #remember(start: number, next: number): void {
    const { byte, newLine } = lastBefore(this.#bytes, next, start);
    this.#before =
      byte === undefined
        ? { byte: this.#before.byte, newLine: this.#before.newLine || newLine }
        : { byte, newLine };
  }

  /**
   * An element that is still open at `limit`, after the greatest length. Either it is that long, or its end is missing
   * and its neighbours now look like a part of it: these begin as it does.
   */
  #oversize(start: number, limit: number): number {
    const signature = this.#bytes[start] === OPEN_BRACE ? signatureOf(this.#bytes, start) : undefined;
    const sibling = signature ? nextSibling(this.#bytes, start + 1, signature, OPEN_BRACE) : -1;
    if (sibling !== -1 && sibling < limit) {
      this.#reject(start, withoutDelimiters(this.#bytes, start, sibling), CUT_OFF);
      return sibling;
    }
    this.#reject(start, limit, tooLarge(this.#maxRecordBytes), true);
    this.#signature = signature;
    this.#state = "oversize";
    this.#remember(start, limit);
    return limit;
  }

  #passOversize(start: number): number {
    // The last bytes may be the beginning of a sibling's signature.
    const held = this.#final ? 0 : (this.#signature?.length ?? 0);
    const limit = this.#bytes.length - held;
    if (limit <= start) return NEED_MORE;
    const sibling = this.#signature
      ? nextSibling(this.#bytes, start, this.#signature, this.#before.byte)
      : -1;
    const outcome = this.#scanner.run(this.#bytes, start, sibling === -1 ? limit : Math.min(limit, sibling));
    const at = this.#scanner.at;
    if (outcome === "closed" || (outcome === "open" && at === sibling)) this.#state = "elements";
    this.#remember(start, at);
    if (outcome === "broken") this.#state = "lost";
    return at;
  }

  /** Says where stands what is given next. */
  #mark(start: number, end: number): void {
    this.givenStart = start;
    this.givenEnd = end;
  }

  #region(start: number, end: number) {
    return { bytes: this.#bytes, start, end, final: this.#final, maxRecordBytes: this.#maxRecordBytes };
  }

  #reject(start: number, end: number, problem: Problem, cut = end - start > this.#maxRecordBytes): void {
    this.#mark(start, end);
    this.#out.reject(rejection(this.#bytes.subarray(start, end), { index: this.position++ }, problem, cut));
  }
}

const TOKEN_END = new Set([COMMA, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE, QUOTE]);
const endsToken = (byte: number): boolean => TOKEN_END.has(byte);

/** The end of a piece without the commas and blanks between it and the next. */
function withoutDelimiters(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && (isBlank(bytes[at - 1]) || bytes[at - 1] === COMMA)) at--;
  return at;
}
