/** Marks a SQLite file as an Ingot warehouse: "INGO". */
export const APPLICATION_ID = 0x494e474f;

/** Counts up with every change of the tables; a file with a smaller one is filled anew from silver. */
export const SCHEMA_VERSION = 1;

/** The sums that the cube and its rollups hold for each of their cells. */
const SUMS = "orders INTEGER NOT NULL, quantity INTEGER NOT NULL, revenue INTEGER NOT NULL";

/** The cube and its rollups with the columns that make up a cell's key. */
export const CUBES: Readonly<Record<string, readonly string[]>> = {
  sales: ["order_date", "product", "channel", "country"],
  sales_by_day: ["order_date"],
  sales_by_product: ["product"],
  sales_by_channel: ["channel"],
  sales_by_country: ["country"],
};

const cubeTables = Object.entries(CUBES).map(([table, key]) => {
  const columns = key.map((column) => `${column} TEXT NOT NULL`).join(", ");
  return `CREATE TABLE ${table} (${columns}, ${SUMS}, PRIMARY KEY (${key.join(", ")})) STRICT, WITHOUT ROWID;`;
});

/** Money and quantities are integers of 1/10000; `source` is the object that a row comes from. */
export const SCHEMA = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE objects (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  etag TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  dataset TEXT NOT NULL,
  bronze_key TEXT NOT NULL,
  rows INTEGER NOT NULL,
  read INTEGER,
  kept INTEGER,
  rejected INTEGER,
  duplicates INTEGER,
  reasons TEXT NOT NULL,
  ingested_at TEXT NOT NULL
) STRICT;
CREATE TABLE customers (
  customer_id TEXT NOT NULL PRIMARY KEY,
  email_h TEXT NOT NULL,
  first_initial TEXT NOT NULL,
  last_initial TEXT NOT NULL,
  country TEXT NOT NULL,
  signup_date TEXT NOT NULL,
  source INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE orders (
  order_id TEXT NOT NULL PRIMARY KEY,
  customer_id TEXT NOT NULL,
  product TEXT NOT NULL,
  quantity INTEGER,
  unit_price INTEGER,
  total_amount INTEGER NOT NULL,
  order_ts TEXT NOT NULL,
  order_date TEXT NOT NULL,
  channel TEXT NOT NULL,
  source INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_by_customer ON orders (customer_id);
${cubeTables.join("\n")}
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** What holds data, in other words everything but `meta`. */
export const DATA_TABLES = ["objects", "customers", "orders", ...Object.keys(CUBES)];

/**
 * Tables of one connection alone, in which a batch lies before it goes in. `rank` is the place of the row's
 * object among the batch's objects in the order of their bronze keys; small ones never touch the disk.
 */
export const STAGING = `
CREATE TEMP TABLE batch_customers (
  seq INTEGER PRIMARY KEY, rank INTEGER NOT NULL, customer_id TEXT NOT NULL, email_h TEXT NOT NULL,
  first_initial TEXT NOT NULL, last_initial TEXT NOT NULL, country TEXT NOT NULL, signup_date TEXT NOT NULL
) STRICT;
CREATE TEMP TABLE batch_orders (
  seq INTEGER PRIMARY KEY, rank INTEGER NOT NULL, order_id TEXT NOT NULL, customer_id TEXT NOT NULL,
  product TEXT NOT NULL, quantity INTEGER, unit_price INTEGER, total_amount INTEGER NOT NULL,
  order_ts TEXT NOT NULL, order_date TEXT NOT NULL, channel TEXT NOT NULL
) STRICT;
CREATE TEMP TABLE customer_winners (seq INTEGER PRIMARY KEY, old_country TEXT NOT NULL) STRICT;
CREATE TEMP TABLE order_winners (seq INTEGER PRIMARY KEY, replaces INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE deltas (
  order_date TEXT NOT NULL, product TEXT NOT NULL, channel TEXT NOT NULL, country TEXT NOT NULL, ${SUMS}
) STRICT;
`;

export const STAGING_TABLES = [
  "batch_customers",
  "batch_orders",
  "customer_winners",
  "order_winners",
  "deltas",
];
