import { rm } from "node:fs/promises";
import type { Deliverable, DeliverableContext } from "@ingot/engine/batch";

type SqliteValue = string | number | bigint | null;
type Values = readonly (string | null)[];

interface DatabaseTable {
  name: string;
  create: string;
  /** Made when the rows are there, which is faster. */
  indexes?: string;
  /** Gives the rows, in an order that never changes. */
  query: string;
  row(values: Values): SqliteValue[];
}

/*
 * No STRICT and no generated columns, so that older tools open the file too. Amounts that are added up stand there twice: in
 * whole cents, whose sums are exact, and as people read them.
 */
const TABLES: readonly DatabaseTable[] = [
  {
    name: "shops",
    create: `
      CREATE TABLE shops (
        shop_id TEXT NOT NULL PRIMARY KEY,
        city TEXT,
        employees INTEGER
      )`,
    query: "select shop_id, city, employees from shops order by shop_id",
    row: ([shop = null, city = null, employees = null]) => [shop, city, integer(employees)],
  },
  {
    name: "products",
    create: `
      CREATE TABLE products (
        product_id TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        price REAL NOT NULL CHECK (price >= 0),
        stock INTEGER
      )`,
    query: "select product_id, name, price, stock from products order by product_id",
    row: ([product = null, name = null, price = null, stock = null]) => [
      product,
      name,
      Number(price),
      integer(stock),
    ],
  },
  {
    name: "sales",
    create: `
      CREATE TABLE sales (
        date TEXT NOT NULL,
        product_id TEXT NOT NULL REFERENCES products (product_id),
        shop_id TEXT NOT NULL REFERENCES shops (shop_id),
        quantity NUMERIC NOT NULL CHECK (quantity >= 0),
        revenue_cents INTEGER NOT NULL,
        revenue REAL NOT NULL,
        PRIMARY KEY (date, product_id, shop_id)
      ) WITHOUT ROWID`,
    indexes: `
      CREATE INDEX sales_by_product ON sales (product_id);
      CREATE INDEX sales_by_shop ON sales (shop_id)`,
    query: `select date, product_id, shop_id, quantity, revenue from sold_lines order by date, product_id, shop_id`,
    row: ([date = null, product = null, shop = null, quantity = null, revenue = null]) => [
      date,
      product,
      shop,
      // A whole number becomes an integer by the column's affinity.
      Number(quantity),
      cents(revenue),
      Number(revenue),
    ],
  },
  {
    name: "analysis_results",
    create: `
      CREATE TABLE analysis_results (
        id INTEGER PRIMARY KEY,
        analysis TEXT NOT NULL,
        product TEXT,
        city TEXT,
        value_cents INTEGER NOT NULL,
        value REAL NOT NULL,
        run_id TEXT NOT NULL,
        run_at TEXT NOT NULL
      )`,
    query:
      "select row_number() over (), analysis, product, city, value, run_id, run_at from analysis_results",
    row: ([id = null, analysis = null, product = null, city = null, value = null, run = null, at = null]) => [
      integer(id),
      analysis,
      product,
      city,
      cents(value),
      Number(value),
      run,
      at,
    ],
  },
];

const integer = (text: string | null): bigint | null => (text === null ? null : BigInt(text));

/** @param amount with two decimals */
const cents = (amount: string | null): bigint => BigInt((amount ?? "0").replace(".", ""));

/** The tables and the results as one SQLite file. */
export const salesDatabase: Deliverable = {
  file: "sales.sqlite",
  from: ["shops", "products", "sold_lines", "analysis_results"],
  contentType: "application/vnd.sqlite3",
  async write(context) {
    // Loaded here only: whoever only names the pipeline needs no database.
    const { DatabaseSync } = await import("node:sqlite");
    await rm(context.path, { force: true });
    const database = new DatabaseSync(context.path, { enableForeignKeyConstraints: false });
    try {
      // Nobody reads it before it is whole, and nobody keeps it where it is not. Keys hold by the checks of silver.
      database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
      for (const table of TABLES) await fill(database, table, context);
      database.exec("COMMIT");
    } finally {
      database.close();
    }
    return {};
  },
};

async function fill(
  database: InstanceType<typeof import("node:sqlite").DatabaseSync>,
  { name, create, indexes = "", query, row }: DatabaseTable,
  context: DeliverableContext,
): Promise<void> {
  database.exec(create);
  const { batches } = await context.query(query);
  let insert: ReturnType<typeof database.prepare> | undefined;
  for await (const batch of batches) {
    for (const values of batch) {
      const cells = row(values);
      insert ??= database.prepare(`INSERT INTO ${name} VALUES (${cells.map(() => "?").join(", ")})`);
      insert.run(...cells);
    }
  }
  database.exec(indexes);
}
