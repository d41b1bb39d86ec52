import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Checkpoints } from "./checkpoints.ts";
import { KnownObjects } from "./known-objects.ts";
import { PICK_STATEMENTS, STORE_STATEMENTS } from "./merge.ts";
import { type OpenOptions, openReader, openWriter } from "./open-database.ts";
import { createStaging, type Staging } from "./staging.ts";
import { WatchedRows } from "./watched-rows.ts";

/** A warehouse file that is open, with everything that has to be made anew when another file takes its place. */
export interface Connections {
  writer: DatabaseSync;
  reader: DatabaseSync;
  staging: Staging;
  /** The statements of a merge: picking what goes in, then storing it. */
  pick: readonly StatementSync[];
  store: readonly StatementSync[];
  watched: WatchedRows;
  known: KnownObjects;
  checkpoints: Checkpoints;
  /** To be told before a merge how many rows it has. */
  expect(rows: number): void;
  close(): Promise<void>;
}

/**
 * Up to so many rows what a statement needs to undo itself is kept in memory: some pages for each row. In a file it
 * costs a tick as much again as its log does.
 */
const ROWS_IN_MEMORY = 4_000;

export function openConnections(options: OpenOptions): Connections {
  const writer = openWriter(options);
  try {
    const reader = openReader(options.file);
    const checkpoints = new Checkpoints(options.file, writer);
    let store = "DEFAULT";
    const expect = (rows: number): void => {
      const needed = rows <= ROWS_IN_MEMORY ? "MEMORY" : "DEFAULT";
      if (needed !== store) writer.exec(`PRAGMA temp_store = ${needed}`);
      store = needed;
    };
    return {
      writer,
      reader,
      staging: createStaging(writer),
      pick: PICK_STATEMENTS.map((sql) => allowingUnused(writer.prepare(sql))),
      store: STORE_STATEMENTS.map((sql) => allowingUnused(writer.prepare(sql))),
      watched: new WatchedRows(writer),
      known: new KnownObjects(reader),
      checkpoints,
      expect,
      close: async () => {
        await checkpoints.close();
        if (reader.isOpen) reader.close();
        if (writer.isOpen) writer.close();
      },
    };
  } catch (error) {
    writer.close();
    throw error;
  }
}

/** Not every statement of a merge uses every parameter. */
function allowingUnused(statement: StatementSync): StatementSync {
  statement.setAllowUnknownNamedParameters(true);
  return statement;
}
