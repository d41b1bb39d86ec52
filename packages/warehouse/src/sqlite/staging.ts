import type { DatabaseSync } from "node:sqlite";
import { IngotError } from "@ingot/common";
import type { OpenSilverObject, SilverObject } from "../warehouse.ts";
import { keyOf } from "./row-keys.ts";
import { STAGING_TABLES } from "./schema.ts";
import { customerValues, InvalidRow, orderValues } from "./silver-values.ts";

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
  const dropRows = ["batch_customers", "batch_orders"].map((table) =>
    database.prepare(`DELETE FROM staging.${table} WHERE rank = ?`),
  );
  const insertCustomer = database.prepare(
    "INSERT INTO staging.batch_customers VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const insertOrder = database.prepare(
    "INSERT INTO staging.batch_orders VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const insert = {
    customers: (rank: number, row: readonly string[]) => {
      const c = customerValues(row);
      const { customerId: id } = c;
      const names = [c.emailHash, c.firstInitial, c.lastInitial, c.country, c.signupDate];
      insertCustomer.run(rank, keyOf(id), id, ...names);
    },
    orders: (rank: number, row: readonly string[]) => {
      const o = orderValues(row);
      const ids = [keyOf(o.orderId), keyOf(o.customerId), o.orderId, o.customerId];
      const cell = [o.product, o.channel, o.orderDate];
      insertOrder.run(rank, ...ids, ...cell, o.orderTs, o.quantity, o.unitPrice, o.total);
    },
    // Clicks are counted, not kept: no KPI reads them.
    clicks: () => undefined,
  };
  const drop = (rank: number): void => {
    for (const statement of dropRows) statement.run(rank);
  };

  async function add(object: SilverObject, content: OpenSilverObject, rank: number): Promise<StagedObject> {
    const insertRow = insert[object.dataset];
    let rows = 0;
    try {
      for await (const batch of content.rows) {
        // One transaction for many rows; it concerns this connection's own tables and locks nobody out.
        database.exec("BEGIN");
        try {
          for (const row of batch) {
            insertRow(rank, row);
            rows += 1;
          }
        } finally {
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

/** The error of a row that breaks the contract says which row it is; any other stays as it is. */
export function atRow(error: unknown, key: string, row: number): unknown {
  if (!(error instanceof InvalidRow)) return error;
  return new IngotError(
    "silver_invalid",
    `Silver object ${key}, row ${row}: ${error.message}. Delete it, so that the cleaner writes it anew.`,
    { context: { layer: "silver", key, line: row + 1 } },
  );
}
