import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** A call of SQLite costs as much as a third of a row does; more rows at a time do not save more. */
const ROWS_AT_A_TIME = 32;

/** Appends rows to a table, several with one call of SQLite. What was added is there after `flush`. */
export class RowInserter {
  readonly #width: number;
  readonly #one: StatementSync;
  readonly #many: StatementSync;
  readonly #values: SQLInputValue[];
  #filled = 0;

  /**
   * @param width how many columns the table has
   * @param onConflict the clause of the statement for rows that are there already
   */
  constructor(database: DatabaseSync, table: string, width: number, onConflict = "") {
    this.#width = width;
    const row = `(${Array(width).fill("?").join(", ")})`;
    this.#one = database.prepare(`INSERT INTO ${table} VALUES ${row} ${onConflict}`);
    this.#many = database.prepare(
      `INSERT INTO ${table} VALUES ${Array(ROWS_AT_A_TIME).fill(row).join(", ")} ${onConflict}`,
    );
    this.#values = Array<SQLInputValue>(width * ROWS_AT_A_TIME).fill(null);
  }

  /** The next value of a row; after the last one of a row the next row begins. */
  add(value: SQLInputValue): void {
    this.#values[this.#filled++] = value;
    if (this.#filled < this.#values.length) return;
    this.#filled = 0;
    this.#many.run(...this.#values);
  }

  /** Forgets what has not been inserted yet. */
  clear(): void {
    this.#filled = 0;
  }

  flush(): void {
    const filled = this.#filled;
    this.#filled = 0;
    for (let at = 0; at < filled; at += this.#width)
      this.#one.run(...this.#values.slice(at, at + this.#width));
  }
}
