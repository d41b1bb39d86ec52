import type { DatabaseSync, StatementSync } from "node:sqlite";
import { NO_LABEL } from "../../feed.ts";

/** Beyond all ids that a packer gives; below what readers count on being small. */
const FIRST_LATE = 2 ** 25;

/**
 * Stores the labels of a new file. The packer numbers them; of pages only as many as it keeps in memory, because there
 * may be as many as clicks. The others get their ids here, one look into the table each.
 */
export class LabelWriter {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  #last = NO_LABEL;
  #nextLate = FIRST_LATE;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare("INSERT INTO labels VALUES (?, ?)");
    this.#select = database.prepare("SELECT id FROM labels WHERE name = ?");
  }

  /** Stores what the packer has numbered since the last call. */
  learn(names: readonly string[]): void {
    for (const name of names) {
      this.#last += 1;
      const late = this.#nextLate > FIRST_LATE ? this.#find(name) : undefined;
      if (late !== undefined) this.#database.prepare("DELETE FROM labels WHERE id = ?").run(late);
      this.#insert.run(this.#last, name);
      if (late !== undefined)
        this.#database.prepare("UPDATE click_rows SET page = ? WHERE page = ?").run(this.#last, late);
    }
  }

  /** The id of a page that the packer has not numbered. */
  latePage(name: string): number {
    const known = this.#find(name);
    if (known !== undefined) return known;
    this.#insert.run(this.#nextLate, name);
    return this.#nextLate++;
  }

  #find(name: string): number | undefined {
    return this.#select.get(name)?.id as number | undefined;
  }
}
