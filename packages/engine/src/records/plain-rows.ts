import { CR, isBlank, LF, QUOTE } from "./bytes.ts";
import { Cells, TEXT } from "./cells.ts";
import { afterLineEnd, NOT_PLAIN } from "./flat-objects.ts";
import type { Charset } from "./text.ts";

// What a byte means in a row: 0 itself, and otherwise one of these.
const WIDE = 1;
const DELIMITER = 2;
const LINE_END = 3;
const QUOTED = 4;
const NOT_HERE = 5;

/** Bytes with a meaning are below this one, or beyond ASCII; most delimiters are too. */
const FIRST_WITHOUT_MEANING = 0x2d;
const BELOW_FIRST = FIRST_WITHOUT_MEANING * 0x01010101;

const NO_QUOTE = -1;

/**
 * Reads the rows that nearly all CSV files consist of, in one pass over their bytes: one line, quotes only around whole
 * values and not inside of them, no more values than columns.
 */
export class PlainRows {
  /** The values of the last row. */
  readonly cells: Cells;
  /** Where the last row's line end stands. */
  end = 0;
  readonly #fields: ReadonlyMap<string, number>;
  readonly #meaning = new Uint8Array(256);
  /** True where four bytes can be looked at together. */
  readonly #isWordwise: boolean;
  /** For each column the position of its field among the known ones, or -1. */
  #fieldOf = new Int32Array(0);
  #bytes: Buffer = Buffer.alloc(0);
  #charset: Charset = "mixed";

  constructor(delimiter: string, knownFields: readonly string[]) {
    this.#fields = new Map(knownFields.map((name, at) => [name, at]));
    this.cells = new Cells(knownFields.length);
    this.#meaning.fill(WIDE, 0x80);
    this.#meaning[delimiter.charCodeAt(0)] = DELIMITER;
    this.#meaning[LF] = LINE_END;
    this.#meaning[CR] = LINE_END;
    this.#meaning[QUOTE] = QUOTED;
    this.#meaning[0] = NOT_HERE;
    this.#isWordwise = delimiter.charCodeAt(0) < FIRST_WITHOUT_MEANING;
  }

  /** @param known the columns whose fields are known: where they stand, and the field's name */
  setColumns(width: number, known: readonly (readonly [position: number, field: string])[]): void {
    this.#fieldOf = new Int32Array(width).fill(-1);
    for (const [position, field] of known) this.#fieldOf[position] = this.#fields.get(field) ?? -1;
  }

  /** Begins with other bytes. */
  reset(bytes: Buffer, charset: Charset): void {
    this.#bytes = bytes;
    this.cells.reset(bytes);
    this.#charset = charset;
  }

  /** Reads the row that begins at `start`; returns where the next one begins, or NOT_PLAIN. */
  read(start: number, limit: number): number {
    const bytes = this.#bytes;
    const meaning = this.#meaning;
    const fieldOf = this.#fieldOf;
    const { cells } = this;
    const { view } = cells;
    // A line of blanks is no row.
    if (isBlank(bytes[start])) return NOT_PLAIN;
    cells.clear();
    let from = start;
    let closing = NO_QUOTE;
    let column = 0;
    let wide = false;
    for (let at = start; at < limit; at++) {
      if (this.#isWordwise) at = firstMark(view, at, limit);
      if (at === limit) break;
      const kind = meaning[bytes[at]!]!;
      if (kind === 0) continue;
      if (kind === WIDE) {
        wide = true;
        continue;
      }
      if (kind === QUOTED && at === from) {
        closing = this.#closing(at + 1, limit);
        if (closing === NOT_PLAIN) return NOT_PLAIN;
        at = closing;
        continue;
      }
      if (kind > LINE_END || column === fieldOf.length || (wide && this.#charset === "mixed"))
        return NOT_PLAIN;
      if (closing !== NO_QUOTE && closing !== at - 1) return NOT_PLAIN;
      const field = fieldOf[column++]!;
      if (field !== -1) {
        if (closing === NO_QUOTE) cells.put(field, TEXT, from, at);
        else cells.put(field, TEXT, from + 1, closing);
      }
      if (kind === LINE_END) {
        this.end = at;
        return afterLineEnd(bytes, at);
      }
      from = at + 1;
      closing = NO_QUOTE;
      wide = false;
    }
    return NOT_PLAIN;
  }

  /** Where the quote is that closes a value of one line without quotes; NOT_PLAIN for any other. */
  #closing(start: number, limit: number): number {
    if (this.#charset === "mixed") return NOT_PLAIN;
    for (let at = start; at < limit; at++) {
      const kind = this.#meaning[this.#bytes[at]!]!;
      if (kind === QUOTED) return at;
      if (kind === LINE_END || kind === NOT_HERE) return NOT_PLAIN;
    }
    return NOT_PLAIN;
  }
}

/** The position, from `at` on, of the first byte that may have a meaning, or one of the last three before `limit`. */
function firstMark(view: DataView, from: number, limit: number): number {
  let at = from;
  for (; at + 4 <= limit; at += 4) {
    const word = view.getInt32(at, true);
    const marks = (((word - BELOW_FIRST) & ~word) | word) & 0x80808080;
    if (marks !== 0) return at + ((31 - Math.clz32(marks & -marks)) >>> 3);
  }
  return at;
}
