import { CR, isBlank, LF, QUOTE } from "./bytes.ts";
import { Cells, TEXT } from "./cells.ts";
import { afterLineEnd, NOT_PLAIN } from "./flat-objects.ts";
import type { Charset } from "./text.ts";

// What a byte means in a row: 0 itself, and otherwise one of these.
const WIDE = 1;
const DELIMITER = 2;
const LINE_END = 3;
const NOT_HERE = 4;

/**
 * Reads the rows that nearly all CSV files consist of, in one pass over their bytes: one line, no quotes, no more values
 * than columns.
 */
export class PlainRows {
  /** The values of the last row. */
  readonly cells: Cells;
  /** Where the last row's line end stands. */
  end = 0;
  readonly #fields: ReadonlyMap<string, number>;
  readonly #meaning = new Uint8Array(256);
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
    this.#meaning[QUOTE] = NOT_HERE;
    this.#meaning[0] = NOT_HERE;
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
    // A line of blanks is no row.
    if (isBlank(bytes[start])) return NOT_PLAIN;
    cells.clear();
    let from = start;
    let column = 0;
    let wide = false;
    for (let at = start; at < limit; at++) {
      const kind = meaning[bytes[at]!]!;
      if (kind === 0) continue;
      if (kind === WIDE) {
        wide = true;
        continue;
      }
      if (kind === NOT_HERE || column === fieldOf.length || (wide && this.#charset === "mixed"))
        return NOT_PLAIN;
      const field = fieldOf[column++]!;
      if (field !== -1) cells.put(field, TEXT, from, at);
      if (kind === LINE_END) {
        this.end = at;
        return afterLineEnd(bytes, at);
      }
      from = at + 1;
      wide = false;
    }
    return NOT_PLAIN;
  }
}
