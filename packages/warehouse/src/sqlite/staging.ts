import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { IngotError } from "@ingot/common";
import type { OpenSilverObject, SilverObject } from "../warehouse.ts";
import { STAGING_TABLES } from "./schema.ts";

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
  add(object: SilverObject, rank: number): Promise<StagedObject>;
  drop(rank: number): void;
  clear(): void;
}

export function createStaging(database: DatabaseSync): Staging {
  const clearAll = STAGING_TABLES.map((table) => database.prepare(`DELETE FROM temp.${table}`));
  const dropRows = ["batch_customers", "batch_orders"].map((table) =>
    database.prepare(`DELETE FROM temp.${table} WHERE rank = ?`),
  );
  const insertCustomer = database.prepare(
    "INSERT INTO temp.batch_customers VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
  );
  const insertOrder = database.prepare(
    "INSERT INTO temp.batch_orders VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const insert = {
    customers: (rank: number, row: readonly string[]) => insertCustomer.run(rank, ...customerValues(row)),
    orders: (rank: number, row: readonly string[]) => insertOrder.run(rank, ...orderValues(row)),
    // Clicks are counted, not kept: no KPI reads them.
    clicks: () => undefined,
  };
  const drop = (rank: number): void => {
    for (const statement of dropRows) statement.run(rank);
  };

  async function add(object: SilverObject, rank: number): Promise<StagedObject> {
    const insertRow = insert[object.dataset];
    let rows = 0;
    try {
      const content = await object.open();
      for await (const batch of content.rows) {
        // One transaction for many rows; it concerns this connection's own tables and locks nobody out.
        const ownTransaction = !database.isTransaction;
        if (ownTransaction) database.exec("BEGIN");
        try {
          for (const row of batch) {
            insertRow(rank, row);
            rows += 1;
          }
        } finally {
          if (ownTransaction) database.exec("COMMIT");
        }
      }
      return { object, content, rank, rows };
    } catch (error) {
      drop(rank);
      if (!(error instanceof InvalidRow)) throw error;
      throw new IngotError(
        "silver_invalid",
        `Silver object ${object.key}, row ${rows + 1}: ${error.message}. Delete it, so that the cleaner writes it anew.`,
        { context: { layer: "silver", key: object.key, line: rows + 2 } },
      );
    }
  }

  const clear = (): void => {
    for (const statement of clearAll) statement.run();
  };
  return { add, drop, clear };
}

class InvalidRow extends Error {}

const CUSTOMER_COLUMNS = 6;
const ORDER_COLUMNS = 9;
const INSTANT_LENGTH = "2010-12-01T08:26:00.000000Z".length;
const DATE_LENGTH = "2010-12-01".length;

function customerValues(row: readonly string[]): readonly string[] {
  if (row.length !== CUSTOMER_COLUMNS)
    throw new InvalidRow(`${row.length} values instead of ${CUSTOMER_COLUMNS}`);
  if (row[0] === "") throw new InvalidRow("customer_id is empty");
  return row;
}

function orderValues(row: readonly string[]): SQLInputValue[] {
  if (row.length !== ORDER_COLUMNS) throw new InvalidRow(`${row.length} values instead of ${ORDER_COLUMNS}`);
  const [orderId, customerId, product, quantity, unitPrice, total, orderTs, orderDate, channel] = row as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (orderId === "") throw new InvalidRow("order_id is empty");
  if (orderTs.length !== INSTANT_LENGTH || !orderTs.endsWith("Z")) {
    throw new InvalidRow(`order_ts "${orderTs}" is no UTC instant with six fraction digits`);
  }
  if (orderDate.length !== DATE_LENGTH) throw new InvalidRow(`order_date "${orderDate}" is no date`);
  return [
    orderId,
    customerId,
    product,
    quantity === "" ? null : parseSilverUnits(quantity),
    unitPrice === "" ? null : parseSilverUnits(unitPrice),
    parseSilverUnits(total),
    orderTs,
    orderDate,
    channel,
  ];
}

const DOT = 0x2e;
const ZERO = 0x30;

/** Reads an amount as silver writes it: digits, and at most four more after a dot. Never negative. */
export function parseSilverUnits(text: string): number {
  let units = 0;
  let places = -1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const digit = code - ZERO;
    if (digit >= 0 && digit <= 9 && places < 4) {
      units = units * 10 + digit;
      if (places >= 0) places += 1;
    } else if (code === DOT && places < 0 && index > 0) places = 0;
    else throw new InvalidRow(`"${text}" is no amount`);
  }
  units *= 10 ** (4 - Math.max(places, 0));
  if (text === "" || !Number.isSafeInteger(units)) throw new InvalidRow(`"${text}" is no amount`);
  return units;
}
