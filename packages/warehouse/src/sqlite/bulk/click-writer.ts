import type { DatabaseSync } from "node:sqlite";
import { RowInserter } from "../row-inserter.ts";
import type { LabelWriter } from "./label-writer.ts";
import { type ClicksPart, textsOf } from "./parts.ts";

/** Appends clicks to a new file: each is a row of its own. */
export class ClickWriter {
  readonly #database: DatabaseSync;
  readonly #rows: RowInserter;
  readonly #labels: LabelWriter;
  #last = 0;
  /** The last row that belongs to a complete object. */
  #complete = 0;

  constructor(database: DatabaseSync, labels: LabelWriter) {
    this.#database = database;
    this.#labels = labels;
    this.#rows = new RowInserter(database, "click_rows", 5);
  }

  add(part: ClicksPart): void {
    const { source, count, numbers, largeInstants } = part;
    const text = textsOf(part);
    const rows = this.#rows;
    let large = 0;
    for (let row = 0; row < count; row++) {
      const page = numbers[2 * row]!;
      const instant = numbers[2 * row + 1]!;
      rows.add(++this.#last);
      rows.add(text());
      rows.add(Number.isNaN(page) ? this.#labels.latePage(text()) : page);
      rows.add(Number.isNaN(instant) ? largeInstants[large++]! : instant);
      rows.add(source);
    }
    rows.flush();
  }

  /** What was added so far stays. */
  complete(): void {
    this.#complete = this.#last;
  }

  dropIncomplete(): void {
    if (this.#last === this.#complete) return;
    this.#database.prepare("DELETE FROM click_rows WHERE id > ?").run(this.#complete);
    this.#last = this.#complete;
  }
}
