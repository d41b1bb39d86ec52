import { CsvBuffer } from "../csv-buffer.ts";
import { LocalFile } from "./local-file.ts";
import type { Row } from "./source-record.ts";

/**
 * Rows on their way into a local file: CSV without a header, the number of the row's file and its position there behind its
 * columns; no value is an empty one. Memory is bounded.
 */
export class RowFile extends LocalFile {
  /** How many rows were added. */
  rows = 0;
  readonly #pending = new CsvBuffer();

  add(row: Row, file: number, position: number): void {
    for (let at = 0; at < row.length; at++) this.#pending.text(row[at] ?? "");
    this.#pending.decimal(file, 0, 0);
    this.#pending.decimal(position, 0, 0);
    this.#pending.endRow();
    this.rows += 1;
  }

  protected get pendingBytes(): number {
    return this.#pending.length;
  }

  protected takePending(): Buffer {
    const bytes = Buffer.from(this.#pending.bytes);
    this.#pending.clear();
    return bytes;
  }
}
