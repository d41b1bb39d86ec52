import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { IngotError } from "@ingot/common";
import type { OpenSilverObject, SilverDataset, SilverObject } from "../warehouse.ts";
import { RowInserter } from "./row-inserter.ts";
import { keyOf } from "./row-keys.ts";
import { STAGING_TABLES } from "./schema.ts";
import { clickValues, customerValues, InvalidRow, orderValues } from "./silver-values.ts";

/** An object whose rows lie in the staging tables. */
export interface StagedObject {
  object: SilverObject;
  content: OpenSilverObject;
  /** Its place in the batch, by bronze key. */
  rank: number;
  rows: number;
}

/** Where the rows of a batch lie before they go in. Only its own connection sees them. */
export interface Staging {
  /** Reads an object to its end. What it throws leaves nothing of the object behind. */
  add(object: SilverObject, content: OpenSilverObject, rank: number): Promise<StagedObject>;
  drop(rank: number): void;
  clear(): void;
}

export function createStaging(database: DatabaseSync): Staging {
  const clearAll = STAGING_TABLES.map((table) => database.prepare(`DELETE FROM staging.${table}`));
  const dropRows = ["batch_customers", "batch_orders", "batch_clicks"].map((table) =>
    database.prepare(`DELETE FROM staging.${table} WHERE rank = ?`),
  );
  const inserters: Record<SilverDataset, RowInserter> = {
    customers: new RowInserter(database, "staging.batch_customers", 9),
    orders: new RowInserter(database, "staging.batch_orders", 13),
    clicks: new RowInserter(database, "staging.batch_clicks", 5),
  };
  const drop = (rank: number): void => {
    for (const statement of dropRows) statement.run(rank);
  };

  async function add(object: SilverObject, content: OpenSilverObject, rank: number): Promise<StagedObject> {
    const inserter = inserters[object.dataset];
    const valuesOf = VALUES[object.dataset];
    let rows = 0;
    try {
      for await (const batch of content.rows) {
        // One transaction for many rows; it concerns this connection's own tables and locks nobody out.
        database.exec("BEGIN");
        try {
          for (const row of batch) {
            for (const value of valuesOf(rank, row)) inserter.add(value);
            rows += 1;
          }
          inserter.flush();
        } finally {
          inserter.clear();
          database.exec("COMMIT");
        }
      }
      return { object, content, rank, rows };
    } catch (error) {
      drop(rank);
      throw atRow(error, object.key, rows + 1);
    }
  }

  const clear = (): void => {
    for (const statement of clearAll) statement.run();
  };
  return { add, drop, clear };
}

/** A row of each staging table. SQLite counts `seq` up by itself. */
const VALUES: Record<SilverDataset, (rank: number, row: readonly string[]) => SQLInputValue[]> = {
  customers: (rank, row) => {
    const { customerId: id, emailHash, firstInitial, lastInitial, country, signupDate } = customerValues(row);
    return [null, rank, keyOf(id), id, emailHash, firstInitial, lastInitial, country, signupDate];
  },
  orders: (rank, row) => {
    const o = orderValues(row);
    const ids = [keyOf(o.orderId), keyOf(o.customerId), o.orderId, o.customerId];
    const cell = [o.product, o.channel, o.orderDate];
    return [null, rank, ...ids, ...cell, o.orderTs, o.quantity, o.unitPrice, o.total];
  },
  clicks: (rank, row) => {
    const { customerId, page, ts } = clickValues(row);
    return [null, rank, customerId, page, ts];
  },
};

/** The error of a row that breaks the contract says which row it is; any other stays as it is. */
export function atRow(error: unknown, key: string, row: number): unknown {
  if (!(error instanceof InvalidRow)) return error;
  return new IngotError(
    "silver_invalid",
    `Silver object ${key}, row ${row}: ${error.message}. Delete it, so that the cleaner writes it anew.`,
    { context: { layer: "silver", key, line: row + 1 } },
  );
}
