import { NO_LABEL } from "../feed.ts";
import { ROLLUPS } from "./schema.ts";

/**
 * How a staged batch goes into the tables, as SQL statements in the order in which they run inside one transaction.
 * The objects of the batch are in `objects` by then, with the ids `:base + rank`.
 *
 * Set-based throughout, so that the same few statements carry a tick of 200 orders and a backlog of a million. `CROSS
 * JOIN` fixes the order of a join in SQLite: from the small batch to the large table, whatever the planner would guess.
 */

const storeLabels = `
INSERT INTO labels (name)
SELECT DISTINCT name FROM (
  SELECT country AS name FROM staging.batch_customers
  UNION ALL SELECT product FROM staging.batch_orders
  UNION ALL SELECT channel FROM staging.batch_orders
  UNION ALL SELECT page FROM staging.batch_clicks
)
WHERE name NOT IN (SELECT name FROM labels)`;

const labelOf = (name: string) => `(SELECT id FROM labels WHERE name = ${name})`;

/** A row found by key is it only where the id is the same. */
const countryOf = (order: string) => `coalesce((
  SELECT country FROM customer_rows WHERE key = ${order}.customer_key AND customer_id = ${order}.customer_id
), ${NO_LABEL})`;

/** True where the staged row's object stands later than that of the stored row: by bronze key, in byte order. */
const standsLater = (staged: string, stored: string) => `
  (SELECT bronze_key, key FROM objects WHERE id = :base + ${staged}.rank)
  >= (SELECT bronze_key, key FROM objects WHERE id = ${stored}.source)`;

const pickCustomers = `
INSERT INTO staging.customer_winners (seq, stored, country, old_country)
SELECT staged.seq, stored.id, ${labelOf("staged.country")}, coalesce(stored.country, ${NO_LABEL})
FROM (
  SELECT seq, rank, country,
    (SELECT id FROM customer_rows AS c WHERE c.key = b.key AND c.customer_id = b.customer_id) AS stored,
    row_number() OVER (PARTITION BY customer_id ORDER BY rank DESC, seq DESC) AS place
  FROM staging.batch_customers AS b
) AS staged
LEFT JOIN customer_rows AS stored ON stored.id = staged.stored
WHERE staged.place = 1 AND (stored.id IS NULL OR ${standsLater("staged", "stored")})`;

/** Takes the orders of customers whose country changes out of the old country's cells and into the new one's. */
const moveOrders = (country: string, sign: "-" | "+") => `
INSERT INTO staging.deltas
SELECT o.order_date, o.product, o.channel, ${country}, ${sign}1, ${sign}coalesce(o.quantity, 0), ${sign}o.total_amount
FROM staging.customer_winners AS winner
CROSS JOIN staging.batch_customers AS staged ON staged.seq = winner.seq
CROSS JOIN order_rows AS o ON o.customer_key = staged.key AND o.customer_id = staged.customer_id
WHERE winner.old_country <> winner.country`;

const storeCustomers = `
INSERT INTO customer_rows (id, key, customer_id, email_h, first_initial, last_initial, country, signup_date, source)
SELECT stored, key, customer_id, email_h, first_initial, last_initial, winner.country, signup_date, :base + rank
FROM staging.customer_winners AS winner CROSS JOIN staging.batch_customers USING (seq)
WHERE true
ON CONFLICT (id) DO UPDATE SET email_h = excluded.email_h, first_initial = excluded.first_initial,
  last_initial = excluded.last_initial, country = excluded.country, signup_date = excluded.signup_date,
  source = excluded.source`;

const pickOrders = `
INSERT INTO staging.order_winners (seq, stored, product, channel)
SELECT staged.seq, stored.id, ${labelOf("staged.product")}, ${labelOf("staged.channel")}
FROM (
  SELECT seq, rank, order_ts, product, channel,
    (SELECT id FROM order_rows AS o WHERE o.key = b.key AND o.order_id = b.order_id) AS stored,
    row_number() OVER (PARTITION BY order_id ORDER BY order_ts DESC, rank DESC, seq DESC) AS place
  FROM staging.batch_orders AS b
) AS staged
LEFT JOIN order_rows AS stored ON stored.id = staged.stored
WHERE staged.place = 1 AND (
  stored.id IS NULL
  OR staged.order_ts > stored.order_ts
  OR (staged.order_ts = stored.order_ts AND ${standsLater("staged", "stored")})
)`;

const takeOutReplaced = `
INSERT INTO staging.deltas
SELECT o.order_date, o.product, o.channel, ${countryOf("o")}, -1, -coalesce(o.quantity, 0), -o.total_amount
FROM staging.order_winners AS winner
CROSS JOIN order_rows AS o ON o.id = winner.stored`;

const putInNew = `
INSERT INTO staging.deltas
SELECT o.order_date, winner.product, winner.channel, ${countryOf("o")}, 1, coalesce(o.quantity, 0), o.total_amount
FROM staging.order_winners AS winner
CROSS JOIN staging.batch_orders AS o ON o.seq = winner.seq`;

const storeOrders = `
INSERT INTO order_rows (id, key, customer_key, order_id, customer_id, product, channel, order_date, order_ts,
  quantity, unit_price, total_amount, source)
SELECT stored, key, customer_key, order_id, customer_id, winner.product, winner.channel, order_date, order_ts,
  quantity, unit_price, total_amount, :base + rank
FROM staging.order_winners AS winner CROSS JOIN staging.batch_orders USING (seq)
WHERE true
ON CONFLICT (id) DO UPDATE SET customer_key = excluded.customer_key, customer_id = excluded.customer_id,
  product = excluded.product, channel = excluded.channel, order_date = excluded.order_date,
  order_ts = excluded.order_ts, quantity = excluded.quantity, unit_price = excluded.unit_price,
  total_amount = excluded.total_amount, source = excluded.source`;

/** Every click counts, and none takes another one's place. */
const storeClicks = `
INSERT INTO click_rows (customer_id, page, ts, source)
SELECT customer_id, ${labelOf("page")}, ts, :base + rank
FROM staging.batch_clicks
ORDER BY seq`;

/** Adds the changes to a cube. A cell that lost its last order goes. */
function applyDeltas(cube: string, key: string, keyOfDelta: string): string[] {
  return [
    `
INSERT INTO ${cube} (${key}, orders, quantity, revenue)
SELECT ${keyOfDelta}, sum(orders), sum(quantity), sum(revenue)
FROM staging.deltas
GROUP BY ${key}
HAVING sum(orders) <> 0 OR sum(quantity) <> 0 OR sum(revenue) <> 0
ON CONFLICT (${key}) DO UPDATE SET orders = orders + excluded.orders, quantity = quantity + excluded.quantity,
  revenue = revenue + excluded.revenue`,
    `
DELETE FROM ${cube}
WHERE (${key}) IN (SELECT ${keyOfDelta} FROM staging.deltas WHERE orders < 0) AND orders = 0`,
  ];
}

const CELL = "order_date, product, channel, country";

/** So many rows that were changed in place are listed at the most. */
export const MOST_REPLACED = 100_000;

/** The number that this step is going to have in the revision. */
const STEP = "(SELECT CAST(value AS INTEGER) + 1 FROM meta WHERE name = 'revision')";

/** What those who follow the changes have to read again. */
const noteChanges = [
  `
INSERT INTO day_changes (order_date, changed)
SELECT DISTINCT order_date, ${STEP} FROM staging.deltas
WHERE true
ON CONFLICT (order_date) DO UPDATE SET changed = excluded.changed`,
  `
INSERT INTO replaced_rows ("table", id)
SELECT 'orders', stored FROM staging.order_winners WHERE stored IS NOT NULL
UNION ALL
SELECT 'customers', stored FROM staging.customer_winners WHERE stored IS NOT NULL AND old_country <> country`,
  `DELETE FROM replaced_rows WHERE seq <= (SELECT max(seq) FROM replaced_rows) - ${MOST_REPLACED}`,
];

/** Which of the staged rows take a place in the tables, and whose. */
export const PICK_STATEMENTS: readonly string[] = [storeLabels, pickCustomers, pickOrders];

/** Puts them there, and corrects the cube. */
export const STORE_STATEMENTS: readonly string[] = [
  moveOrders("winner.old_country", "-"),
  moveOrders("winner.country", "+"),
  storeCustomers,
  takeOutReplaced,
  putInNew,
  storeOrders,
  storeClicks,
  ...applyDeltas("sales_cells", CELL, CELL),
  ...Object.entries(ROLLUPS).flatMap(([rollup, { column, isLabel }]) =>
    applyDeltas(rollup, column, isLabel ? `(SELECT name FROM labels WHERE id = deltas.${column})` : column),
  ),
  ...noteChanges,
];
