import {
  BACKSLASH,
  CLOSE_BRACE,
  COLON,
  COMMA,
  CR,
  isBlank,
  isLineEnd,
  LF,
  QUOTE,
  SPACE,
  TAB,
} from "./bytes.ts";
import type { Charset } from "./text.ts";

/** The answer for everything that is no plain flat object: another reader has to look at it. */
export const NOT_PLAIN = -1;

const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** What a byte means inside a string: 0 itself, 1 a part of a longer character, 2 the end, 3 nothing plain. */
const IN_STRING = new Uint8Array(256);
IN_STRING.fill(3, 0, SPACE);
IN_STRING.fill(1, 0x80);
IN_STRING[QUOTE] = 2;
IN_STRING[BACKSLASH] = 3;

/** Numbers of so many digits are exact: a double tells all of them apart. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

/** More ways to write a key than any sane file has. */
const MAX_KEYS = 1000;

/** A key as files write it, from the comma before it up to its value: blanks, the quoted name, the colon. */
interface Key {
  length: number;
  /** Its bytes, four at a time; the last ones may overlap those before. */
  words: Int32Array;
  offsets: Int32Array;
  /** The position of its field among the known ones, or -1. */
  field: number;
  /** The key that came after it the last time. */
  next: Key | undefined;
}

/**
 * Reads the JSON objects that nearly all files consist of, at a fraction of the cost of `JSON.parse`: members that are
 * strings without escapes, numbers of at most 15 digits, true, false or null. Objects of one file have their keys in
 * the same order, so a key is not read but compared with the one that is expected.
 *
 * What it reads has exactly the values that `JSON.parse` gives. It never reads anything else.
 */
export class FlatObjects {
  /** The values of the last object, in the order of the known fields. */
  readonly values: unknown[];
  /** Where those of them stand that are strings: see RecordSource. */
  readonly spans: Int32Array;
  readonly #fields: ReadonlyMap<string, number>;
  readonly #isMultiLine: boolean;
  readonly #keys = new Map<string, Key>();
  readonly #start: Key = {
    length: 0,
    words: new Int32Array(0),
    offsets: new Int32Array(0),
    field: -1,
    next: undefined,
  };
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #text: string | undefined;
  #charset: Charset = "mixed";
  /** True where the last string has characters beyond ASCII. */
  #isWide = false;
  /** What `#number` found. */
  #numeric = 0;

  /** @param isMultiLine true where an object may go over several lines */
  constructor(knownFields: readonly string[], isMultiLine: boolean) {
    this.#fields = new Map(knownFields.map((name, at) => [Buffer.from(name).toString("latin1"), at]));
    this.#isMultiLine = isMultiLine;
    this.values = knownFields.map(() => undefined);
    this.spans = new Int32Array(2 * knownFields.length);
  }

  /** Begins with other bytes. */
  reset(bytes: Buffer, charset: Charset): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#text = undefined;
    this.#charset = charset;
  }

  /** Reads the object whose brace is at `start`; returns the position after it, at most `end`, or NOT_PLAIN. */
  read(start: number, end: number): number {
    const bytes = this.#bytes;
    const values = this.values;
    const spans = this.spans;
    this.#text ??= bytes.toString("latin1");
    const text = this.#text;
    for (let field = 0; field < values.length; field++) {
      values[field] = undefined;
      spans[2 * field] = -1;
    }
    let last = this.#start;
    let at = start + 1;
    for (;;) {
      let key = last.next;
      if (key === undefined || !this.#isAt(key, at, end)) {
        key = this.#keyAt(at, end);
        if (key === undefined) return at === start + 1 ? this.#empty(at, end) : NOT_PLAIN;
        last.next = key;
      }
      last = key;
      at += key.length;
      let value: unknown;
      const byte = at < end ? bytes[at]! : 0;
      if (byte === QUOTE) {
        const from = at + 1;
        at = this.#stringEnd(from, end);
        if (at === NOT_PLAIN) return NOT_PLAIN;
        if (key.field !== -1) {
          value = this.#isWide ? bytes.toString("utf8", from, at) : text.slice(from, at);
          spans[2 * key.field] = from;
          spans[2 * key.field + 1] = at;
        }
        at++;
      } else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
        at = this.#number(at, end);
        if (at === NOT_PLAIN) return NOT_PLAIN;
        value = this.#numeric;
      } else if (text.startsWith("null", at)) {
        value = null;
        at += 4;
      } else if (text.startsWith("true", at)) {
        value = true;
        at += 4;
      } else if (text.startsWith("false", at)) {
        value = false;
        at += 5;
      } else return NOT_PLAIN;
      if (key.field !== -1) values[key.field] = value;
      if (at < end && bytes[at] !== COMMA && bytes[at] !== CLOSE_BRACE) at = this.#skipBlanks(at, end);
      if (at >= end) return NOT_PLAIN;
      const after = bytes[at++];
      if (after === CLOSE_BRACE) return at;
      if (after !== COMMA) return NOT_PLAIN;
    }
  }

  /** The position of the quote that ends the string which begins at `start`, or NOT_PLAIN. */
  #stringEnd(start: number, end: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    let at = start;
    // Four bytes at a time, as long as none of them is a quote, a backslash, a control byte or beyond ASCII.
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true);
      const quotes = word ^ 0x22222222;
      const backslashes = word ^ 0x5c5c5c5c;
      const special =
        ((quotes - 0x01010101) & ~quotes) |
        ((backslashes - 0x01010101) & ~backslashes) |
        (word - 0x20202020) |
        word;
      if ((special & 0x80808080) !== 0) break;
    }
    this.#isWide = false;
    for (; at < end; at++) {
      const kind = IN_STRING[bytes[at]!]!;
      if (kind === 0) continue;
      if (kind === 2) return at;
      if (kind === 3 || this.#charset === "mixed") return NOT_PLAIN;
      this.#isWide = true;
    }
    return NOT_PLAIN;
  }

  #empty(start: number, end: number): number {
    const at = this.#skipBlanks(start, end);
    return at < end && this.#bytes[at] === CLOSE_BRACE ? at + 1 : NOT_PLAIN;
  }

  #isAt(key: Key, at: number, end: number): boolean {
    if (at + key.length > end) return false;
    const { words, offsets } = key;
    for (let word = 0; word < words.length; word++) {
      if (this.#view.getInt32(at + offsets[word]!, true) !== words[word]) return false;
    }
    return true;
  }

  /** Reads the key that begins at `start`, with the blanks around it. */
  #keyAt(start: number, end: number): Key | undefined {
    const bytes = this.#bytes;
    let at = this.#skipBlanks(start, end);
    if (at >= end || bytes[at] !== QUOTE) return undefined;
    const from = ++at;
    let wide = 0;
    for (; at < end && IN_STRING[bytes[at]!]! < 2; at++) wide |= IN_STRING[bytes[at]!]!;
    if (at >= end || bytes[at] !== QUOTE || (wide === 1 && this.#charset === "mixed")) return undefined;
    const name = bytes.toString("latin1", from, at);
    at = this.#skipBlanks(at + 1, end);
    if (at >= end || bytes[at] !== COLON) return undefined;
    at = this.#skipBlanks(at + 1, end);
    // An empty name, which is none of the known ones, makes the only key that is shorter than a word.
    return at - start < 4 ? undefined : this.#keyOf(bytes.toString("latin1", start, at), name);
  }

  #keyOf(written: string, name: string): Key {
    const known = this.#keys.get(written);
    if (known) return known;
    const { length } = written;
    const offsets = Int32Array.from({ length: Math.ceil(length / 4) }, (_, word) =>
      Math.min(4 * word, length - 4),
    );
    const bytes = Buffer.from(written, "latin1");
    const words = offsets.map((offset) => bytes.readInt32LE(offset));
    const key: Key = { length, words, offsets, field: this.#fields.get(name) ?? -1, next: undefined };
    if (this.#keys.size < MAX_KEYS) this.#keys.set(written, key);
    return key;
  }

  /** Reads a number into `#numeric`; returns the position after it, or NOT_PLAIN. */
  #number(start: number, end: number): number {
    const bytes = this.#bytes;
    const isNegative = bytes[start] === MINUS;
    const first = isNegative ? start + 1 : start;
    let at = first;
    let digits = 0;
    let byte = 0;
    for (; at < end; at++) {
      byte = bytes[at]!;
      if (byte < ZERO || byte > NINE) break;
      digits = digits * 10 + (byte - ZERO);
    }
    if (at === first || at >= end || at - first > EXACT_DIGITS) return NOT_PLAIN;
    if (bytes[first] === ZERO && at - first > 1) return NOT_PLAIN;
    if (byte === DOT) {
      const point = at++;
      for (; at < end; at++) {
        byte = bytes[at]!;
        if (byte < ZERO || byte > NINE) break;
        digits = digits * 10 + (byte - ZERO);
      }
      const places = at - point - 1;
      if (places === 0 || at >= end || at - first - 1 > EXACT_DIGITS) return NOT_PLAIN;
      digits /= POWERS_OF_TEN[places]!;
    }
    // What may follow a number is a delimiter; an exponent is none, and its caller says so.
    this.#numeric = isNegative ? -digits : digits;
    return at;
  }

  #skipBlanks(start: number, end: number): number {
    let at = start;
    while (at < end && isBlank(this.#bytes[at]) && (this.#isMultiLine || !isLineEnd(this.#bytes[at]))) at++;
    return at;
  }
}

/** The position after the line end at `at`, where blanks may stand before it; NOT_PLAIN where there is none. */
export function afterLineEnd(bytes: Buffer, end: number): number {
  if (bytes[end] === LF) return end + 1;
  return bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : NOT_PLAIN;
}

/** The first position from `start` that is neither space nor tab. */
export function skipSpaces(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] === SPACE || bytes[at] === TAB) at++;
  return at;
}
