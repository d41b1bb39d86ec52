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
import { Cells, NOTHING, NUMBER, TEXT } from "./cells.ts";
import type { NameMatcher } from "./name-matcher.ts";
import type { Charset } from "./text.ts";

/** The answer for everything that is no plain flat object: another reader has to look at it. */
export const NOT_PLAIN = -1;

const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_F = 0x66;
/** The bytes of null, true and the end of false, as 32-bit numbers. */
const [NULL, TRUE, ALSE] = ["null", "true", "alse"].map((word) => Buffer.from(word).readInt32LE());

/** What a byte means inside a string: 0 itself, 1 a part of a longer character, 2 the end, 3 nothing plain. */
const IN_STRING = new Uint8Array(256);
IN_STRING.fill(3, 0, SPACE);
IN_STRING.fill(1, 0x80);
IN_STRING[QUOTE] = 2;
IN_STRING[BACKSLASH] = 3;

/** Numbers of so many digits are exact: a double tells all of them apart. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

/** Numbers below it are written with an exponent. */
const LEAST_PLAIN = 1e-6;

/** More ways to write a key than any sane file has. */
const MAX_KEYS = 1000;

const BEYOND_ASCII = /[\x80-\xff]/;

/** A key as files write it, from the comma before it up to its value: blanks, the quoted name, the colon. */
interface Key {
  length: number;
  /** Its bytes, four at a time, and the last four. */
  words: Int32Array;
  lastWord: number;
  /** As bytes, each a character. */
  name: string;
  /** The position of its field among the known ones, or -1. */
  field: number;
  /** How many objects had it. */
  uses: number;
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
  /** The values of the last object. */
  readonly cells: Cells;
  readonly #fields: ReadonlyMap<string, number>;
  readonly #knownFields: readonly string[];
  readonly #isMultiLine: boolean;
  readonly #matcher: NameMatcher | undefined;
  readonly #truthAsText: boolean;
  /** For each field the name that a matcher took for it; objects with several of them are left to others. */
  readonly #meant: (string | undefined)[] = [];
  #isAmbiguous = false;
  readonly #keys = new Map<string, Key>();
  readonly #start: Key = {
    length: 0,
    words: new Int32Array(0),
    lastWord: 0,
    name: "",
    field: -1,
    uses: 0,
    next: undefined,
  };
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #charset: Charset = "mixed";
  /** What `#number` found, and where its text ends as `String` would write it. */
  #numeric = 0;
  #textEnd = 0;

  /** @param isMultiLine true where an object may go over several lines */
  constructor(
    knownFields: readonly string[],
    isMultiLine: boolean,
    {
      matcher,
      truthAsText = false,
    }: { matcher?: NameMatcher | undefined; truthAsText?: boolean | undefined },
  ) {
    this.#knownFields = knownFields;
    this.#matcher = matcher;
    this.#truthAsText = truthAsText;
    this.#fields = new Map(knownFields.map((name, at) => [Buffer.from(name).toString("latin1"), at]));
    this.#isMultiLine = isMultiLine;
    this.cells = new Cells(knownFields.length);
  }

  /** The names of all fields that came by, with the number of objects that had them. */
  get names(): ReadonlyMap<string, number> {
    const names = new Map<string, number>();
    for (const { name: bytes, uses } of this.#keys.values()) {
      const name = nameOf(bytes);
      names.set(name, (names.get(name) ?? 0) + uses);
    }
    return names;
  }

  /** Begins with other bytes. */
  reset(bytes: Buffer, charset: Charset): void {
    this.#bytes = bytes;
    this.cells.reset(bytes);
    this.#view = this.cells.view;
    this.#charset = charset;
  }

  /** Reads the object whose brace is at `start`; returns the position after it, at most `end`, or NOT_PLAIN. */
  read(start: number, end: number): number {
    if (this.#isAmbiguous) return NOT_PLAIN;
    const bytes = this.#bytes;
    this.cells.clear();
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
      key.uses++;
      at = this.#value(key.field, at + key.length, end);
      if (at === NOT_PLAIN) return NOT_PLAIN;
      if (at < end && bytes[at] !== COMMA && bytes[at] !== CLOSE_BRACE) at = this.#skipBlanks(at, end);
      if (at >= end) return NOT_PLAIN;
      const after = bytes[at++];
      if (after === CLOSE_BRACE) return at;
      if (after !== COMMA) return NOT_PLAIN;
    }
  }

  /** Reads a value into the cell of a field, if it is known; returns the position after it, or NOT_PLAIN. */
  #value(field: number, start: number, end: number): number {
    // The shortest object ends one byte behind a value of four.
    if (start + 2 > end) return NOT_PLAIN;
    const byte = this.#bytes[start]!;
    if (byte === QUOTE) {
      const close = this.#stringEnd(start + 1, end);
      if (close === NOT_PLAIN) return NOT_PLAIN;
      if (field !== -1) this.cells.put(field, TEXT, start + 1, close);
      return close + 1;
    }
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      const after = this.#number(start, end);
      if (after === NOT_PLAIN || field === -1) return after;
      this.cells.put(field, NUMBER, start, this.#textEnd);
      this.cells.numbers[field] = this.#numeric;
      return after;
    }
    if (field !== -1) this.cells.put(field, NOTHING, 0, 0);
    if (start + 5 > end) return NOT_PLAIN;
    const word = this.#view.getInt32(start, true);
    if (word === NULL) return start + 4;
    const isFalse = byte === LETTER_F && this.#view.getInt32(start + 1, true) === ALSE;
    if (word !== TRUE && !isFalse) return NOT_PLAIN;
    const after = isFalse ? start + 5 : start + 4;
    if (this.#truthAsText && field !== -1) this.cells.put(field, TEXT, start, after);
    return after;
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
    for (; at < end; at++) {
      const kind = IN_STRING[bytes[at]!]!;
      if (kind === 0) continue;
      if (kind === 2) return at;
      if (kind === 3 || this.#charset === "mixed") return NOT_PLAIN;
    }
    return NOT_PLAIN;
  }

  #empty(start: number, end: number): number {
    const at = this.#skipBlanks(start, end);
    return at < end && this.#bytes[at] === CLOSE_BRACE ? at + 1 : NOT_PLAIN;
  }

  #isAt({ length, words, lastWord }: Key, at: number, end: number): boolean {
    if (at + length > end) return false;
    const view = this.#view;
    for (let word = 0; word < words.length; word++) {
      if (view.getInt32(at + 4 * word, true) !== words[word]) return false;
    }
    return view.getInt32(at + length - 4, true) === lastWord;
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

  #keyOf(written: string, name: string): Key | undefined {
    const known = this.#keys.get(written);
    if (known) return known;
    const { length } = written;
    const bytes = Buffer.from(written, "latin1");
    const words = Int32Array.from({ length: Math.floor(length / 4) }, (_, word) =>
      bytes.readInt32LE(4 * word),
    );
    const lastWord = bytes.readInt32LE(length - 4);
    const field = this.#matcher ? this.#meaning(name, this.#matcher) : (this.#fields.get(name) ?? -1);
    if (this.#isAmbiguous) return undefined;
    const key: Key = { length, words, lastWord, name, field, uses: 0, next: undefined };
    if (this.#keys.size < MAX_KEYS) this.#keys.set(written, key);
    return key;
  }

  /** @param bytes the name as bytes, each a character */
  #meaning(bytes: string, matcher: NameMatcher): number {
    const field = matcher.fieldOf(nameOf(bytes));
    if (field === undefined) return -1;
    const at = this.#knownFields.indexOf(field);
    this.#meant[at] ??= bytes;
    this.#isAmbiguous ||= this.#meant[at] !== bytes;
    return at;
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
    this.#textEnd = at;
    if (byte === DOT) {
      const point = at++;
      for (; at < end; at++) {
        byte = bytes[at]!;
        if (byte < ZERO || byte > NINE) break;
        digits = digits * 10 + (byte - ZERO);
        if (byte !== ZERO) this.#textEnd = at + 1;
      }
      const places = at - point - 1;
      if (places === 0 || at >= end || at - first - 1 > EXACT_DIGITS) return NOT_PLAIN;
      digits /= POWERS_OF_TEN[places]!;
    }
    // Numbers that `String` writes in another way: minus zero, and those with an exponent.
    if ((isNegative && digits === 0) || (digits < LEAST_PLAIN && digits > 0)) return NOT_PLAIN;
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

/** @param bytes a name as bytes, each a character */
const nameOf = (bytes: string): string =>
  BEYOND_ASCII.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;

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
