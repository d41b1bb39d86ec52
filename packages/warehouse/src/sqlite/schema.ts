import { NO_LABEL } from "../feed.ts";

/** Marks a SQLite file as an Ingot warehouse: "INGO". */
export const APPLICATION_ID = 0x494e474f;

/** Counts up with every change of the tables; a file with a smaller one is filled anew from silver. */
export const SCHEMA_VERSION = 5;

/** The sums that the cube and its rollups hold for each of their cells. */
const SUMS = "orders INTEGER NOT NULL, quantity INTEGER NOT NULL, revenue INTEGER NOT NULL";

/** The rollups with the column of the cube that makes up their key, and whether that is a label's id there. */
export const ROLLUPS = {
  sales_by_day: { column: "order_date", isLabel: false },
  sales_by_product: { column: "product", isLabel: true },
  sales_by_channel: { column: "channel", isLabel: true },
  sales_by_country: { column: "country", isLabel: true },
} as const;

const rollupTables = Object.entries(ROLLUPS).map(
  ([table, { column }]) =>
    `CREATE TABLE ${table} (${column} TEXT PRIMARY KEY, ${SUMS}) STRICT, WITHOUT ROWID;`,
);

/** What a column's instant is as text. Divided towards the past, also before 1970. */
const instantText = (column: string): string => `
  strftime('%Y-%m-%dT%H:%M:%S', (${column} - (${column} % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
  || printf('.%06dZ', (${column} % 1000000 + 1000000) % 1000000)`;
export const ORDER_TS_TEXT = instantText("order_ts");
export const CLICK_TS_TEXT = instantText("ts");

/** What the views of orders and customers show, but for the object that a row comes from. */
export const ORDER_COLUMNS = `order_id, customer_id, product.name AS product, quantity, unit_price, total_amount,
  ${ORDER_TS_TEXT} AS order_ts, order_date, channel.name AS channel`;
export const CUSTOMER_COLUMNS =
  "customer_id, email_h, first_initial, last_initial, country.name AS country, signup_date";

/**
 * Tables, and views over them with the contract's names. What repeats (products, channels, countries, pages) is stored as
 * the id of a label; whatever is looked up by an id is found by its key (see `keyOf`), which need not be unique. Orders and
 * clicks lie in the order of their arrival, so that only the indexes and the cube are touched all over. A row keeps its id
 * as long as there is the file.
 *
 * Money and quantities are integers of 1/10000, `order_ts` and `ts` are microseconds since 1970; `source` is the object
 * that a row comes from. A LEFT JOIN in a view costs nothing where a query does not use its column.
 *
 * For those who follow the changes (see `SalesFeed`), `day_changes` has the step that changed the sales of a day last, and
 * `replaced_rows` which rows of `order_rows` and `customer_rows` were changed in place.
 */
export const TABLES = `
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
CREATE TABLE watched_rows (
  id INTEGER PRIMARY KEY,
  "table" TEXT NOT NULL,
  condition TEXT NOT NULL,
  rows INTEGER NOT NULL,
  UNIQUE ("table", condition)
) STRICT;
CREATE TABLE labels (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO labels VALUES (${NO_LABEL}, 'NA');
CREATE TABLE customer_rows (
  id INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  email_h TEXT NOT NULL,
  first_initial TEXT NOT NULL,
  last_initial TEXT NOT NULL,
  country INTEGER NOT NULL,
  signup_date TEXT NOT NULL,
  source INTEGER NOT NULL
) STRICT;
CREATE TABLE order_rows (
  id INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  customer_key INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  product INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  order_date TEXT NOT NULL,
  order_ts INTEGER NOT NULL,
  quantity INTEGER,
  unit_price INTEGER,
  total_amount INTEGER NOT NULL,
  source INTEGER NOT NULL
) STRICT;
CREATE TABLE click_rows (
  id INTEGER PRIMARY KEY,
  customer_id TEXT NOT NULL,
  page INTEGER NOT NULL,
  ts INTEGER NOT NULL,
  source INTEGER NOT NULL
) STRICT;
CREATE TABLE day_changes (order_date TEXT PRIMARY KEY, changed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE replaced_rows (seq INTEGER PRIMARY KEY, "table" TEXT NOT NULL, id INTEGER NOT NULL) STRICT;
CREATE TABLE sales_cells (
  order_date TEXT NOT NULL,
  product INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  country INTEGER NOT NULL,
  ${SUMS},
  PRIMARY KEY (order_date, product, channel, country)
) STRICT, WITHOUT ROWID;
${rollupTables.join("\n")}
CREATE VIEW customers AS
SELECT ${CUSTOMER_COLUMNS}, source
FROM customer_rows LEFT JOIN labels AS country ON country.id = customer_rows.country;
CREATE VIEW orders AS
SELECT ${ORDER_COLUMNS}, source
FROM order_rows
LEFT JOIN labels AS product ON product.id = order_rows.product
LEFT JOIN labels AS channel ON channel.id = order_rows.channel;
CREATE VIEW clicks AS
SELECT customer_id, page.name AS page, ${CLICK_TS_TEXT} AS ts, source
FROM click_rows LEFT JOIN labels AS page ON page.id = click_rows.page;
CREATE VIEW sales AS
SELECT order_date, product.name AS product, channel.name AS channel, country.name AS country,
  orders, quantity, revenue
FROM sales_cells
LEFT JOIN labels AS product ON product.id = sales_cells.product
LEFT JOIN labels AS channel ON channel.id = sales_cells.channel
LEFT JOIN labels AS country ON country.id = sales_cells.country;
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Answers alone which country an order counts for: each order of a tick asks for another customer. */
export const CUSTOMER_INDEX = "CREATE INDEX customers_by_key ON customer_rows (key, customer_id, country);";
export const ORDER_INDEX = "CREATE INDEX orders_by_key ON order_rows (key);";
export const ORDERS_OF_CUSTOMER_INDEX = "CREATE INDEX orders_by_customer ON order_rows (customer_key);";

export const SCHEMA = [TABLES, CUSTOMER_INDEX, ORDER_INDEX, ORDERS_OF_CUSTOMER_INDEX].join("\n");

/**
 * Tables of one connection alone, in which a batch lies before it goes in. `rank` is the place of the row's
 * object among the batch's objects in the order of their bronze keys; small ones never touch the disk. A database of
 * their own, because the setting of `temp_store` may change, which empties the usual one.
 */
export const STAGING = `
ATTACH '' AS staging;
CREATE TABLE staging.batch_customers (
  seq INTEGER PRIMARY KEY, rank INTEGER NOT NULL, key INTEGER NOT NULL, customer_id TEXT NOT NULL,
  email_h TEXT NOT NULL, first_initial TEXT NOT NULL, last_initial TEXT NOT NULL, country TEXT NOT NULL,
  signup_date TEXT NOT NULL
) STRICT;
CREATE TABLE staging.batch_orders (
  seq INTEGER PRIMARY KEY, rank INTEGER NOT NULL, key INTEGER NOT NULL, customer_key INTEGER NOT NULL,
  order_id TEXT NOT NULL, customer_id TEXT NOT NULL, product TEXT NOT NULL, channel TEXT NOT NULL,
  order_date TEXT NOT NULL, order_ts INTEGER NOT NULL, quantity INTEGER, unit_price INTEGER,
  total_amount INTEGER NOT NULL
) STRICT;
CREATE TABLE staging.batch_clicks (
  seq INTEGER PRIMARY KEY, rank INTEGER NOT NULL, customer_id TEXT NOT NULL, page TEXT NOT NULL, ts INTEGER NOT NULL
) STRICT;
CREATE TABLE staging.customer_winners (
  seq INTEGER PRIMARY KEY, stored INTEGER, country INTEGER NOT NULL, old_country INTEGER NOT NULL
) STRICT;
CREATE TABLE staging.order_winners (
  seq INTEGER PRIMARY KEY, stored INTEGER, product INTEGER NOT NULL, channel INTEGER NOT NULL
) STRICT;
CREATE TABLE staging.deltas (
  order_date TEXT NOT NULL, product INTEGER NOT NULL, channel INTEGER NOT NULL, country INTEGER NOT NULL, ${SUMS}
) STRICT;
`;

export const STAGING_TABLES = [
  "batch_customers",
  "batch_orders",
  "batch_clicks",
  "customer_winners",
  "order_winners",
  "deltas",
];
