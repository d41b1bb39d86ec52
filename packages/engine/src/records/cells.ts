import { viewOf, withRoom } from "../byte-memory.ts";

/** What a record has in a field: nothing (absent, null, a truth value), a text, a number, … */
export const NOTHING = 0;
export const TEXT = 1;
export const NUMBER = 2;
/** … or what no text can be made of: a nested value, or a text that no UTF-8 file (a lone surrogate) or database (NUL) keeps. */
export const UNUSABLE = 3;

const FIRST_BYTES = 1024;

/**
 * The values of a record's known fields as stretches of bytes: what is only copied never becomes a string, and no object
 * is made for a record. The same cells are used for one record after the other.
 *
 * Text and numbers stand in `bytes` as UTF-8, without escapes: a number as `String` writes it. Where a cell has nothing
 * to write, its stretch is empty.
 */
export class Cells {
  bytes: Buffer = Buffer.alloc(0);
  /** The same bytes. */
  view: DataView = viewOf(this.bytes);
  /** For each field what it has: NOTHING, TEXT, NUMBER or UNUSABLE. */
  readonly kinds: Uint8Array;
  /** Where each field's text begins and ends in `bytes`. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The values of the fields that are numbers. */
  readonly numbers: Float64Array;
  /** Memory for values that do not stand in a file as they are. */
  #own: Buffer = Buffer.alloc(0);

  /** @param fields how many fields are known */
  constructor(fields: number) {
    this.kinds = new Uint8Array(fields);
    this.starts = new Int32Array(fields);
    this.ends = new Int32Array(fields);
    this.numbers = new Float64Array(fields);
  }

  /** Begins with other bytes. */
  reset(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  /** Leaves nothing in any field. */
  clear(): void {
    for (let field = 0; field < this.kinds.length; field++) this.put(field, NOTHING, 0, 0);
  }

  /** Says what a field has, and where its text stands. */
  put(field: number, kind: number, start: number, end: number): void {
    this.kinds[field] = kind;
    this.starts[field] = start;
    this.ends[field] = end;
  }

  /** Takes any values, in the order of the known fields. */
  set(values: readonly unknown[]): void {
    let used = 0;
    for (let field = 0; field < this.kinds.length; field++) {
      const value = values[field];
      const kind = kindOf(value);
      const start = used;
      if (kind === NUMBER) this.numbers[field] = value as number;
      if (kind === TEXT || kind === NUMBER) used += this.#write(String(value), used);
      this.put(field, kind, start, used);
    }
    if (this.bytes !== this.#own) this.reset(this.#own);
  }

  /** The text of a field; empty where it has none. */
  text(field: number): string {
    return this.bytes.toString("utf8", this.starts[field], this.ends[field]);
  }

  #write(text: string, at: number): number {
    // Three bytes a UTF-16 unit is the most that UTF-8 takes.
    this.#own = withRoom(this.#own, at, Math.max(FIRST_BYTES, at + 3 * text.length));
    return this.#own.write(text, at, "utf8");
  }
}

function kindOf(value: unknown): number {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\0") ? TEXT : UNUSABLE;
  if (typeof value === "number") return NUMBER;
  return typeof value === "object" && value !== null ? UNUSABLE : NOTHING;
}
