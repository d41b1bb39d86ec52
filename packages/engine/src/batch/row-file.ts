import { CsvBuffer } from "../csv-buffer.ts";
import { LocalFile } from "./local-file.ts";
import type { Row } from "./source-record.ts";

const WRITE_BYTES = 1024 * 1024;

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

  /** Waits until what was added does not pile up. To be called after some hundred rows. */
  async drained(): Promise<void> {
    if (this.#pending.length >= WRITE_BYTES) await this.#flush();
  }

  override async close(): Promise<void> {
    await this.#flush();
    await super.close();
  }

  async #flush(): Promise<void> {
    // The stream may hold on to what it is given.
    const bytes = Buffer.from(this.#pending.bytes);
    this.#pending.clear();
    await this.write(bytes);
  }
}
