import { CUBES } from "./schema.ts";

/**
 * How a staged batch goes into the tables, as SQL statements in the order in which they run inside one transaction.
 * The objects of the batch are in `objects` by then, with the ids `:base + rank`.
 *
 * Set-based throughout, so that the same few statements carry a tick of 200 orders and a load of millions. `CROSS JOIN`
 * fixes the order of a join in SQLite: from the small batch to the large table, whatever the planner would guess.
 */

/** True where the staged row's object stands later than that of the stored row: by bronze key, in byte order. */
const standsLater = (staged: string, stored: string) => `
  (SELECT bronze_key, key FROM objects WHERE id = :base + ${staged}.rank)
  >= (SELECT bronze_key, key FROM objects WHERE id = ${stored}.source)`;

const pickCustomers = `
INSERT INTO temp.customer_winners (seq, old_country)
SELECT staged.seq, coalesce(stored.country, 'NA')
FROM (
  SELECT customer_id, rank, seq,
    row_number() OVER (PARTITION BY customer_id ORDER BY rank DESC, seq DESC) AS place
  FROM temp.batch_customers
) AS staged
LEFT JOIN customers AS stored ON stored.customer_id = staged.customer_id
WHERE staged.place = 1 AND (stored.customer_id IS NULL OR ${standsLater("staged", "stored")})`;

/** Takes the orders of customers whose country changes out of the old country's cells and into the new one's. */
const moveOrders = (country: string, sign: "-" | "+") => `
INSERT INTO temp.deltas
SELECT o.order_date, o.product, o.channel, ${country}, ${sign}1, ${sign}coalesce(o.quantity, 0), ${sign}o.total_amount
FROM temp.customer_winners AS winner
CROSS JOIN temp.batch_customers AS staged ON staged.seq = winner.seq
CROSS JOIN orders AS o ON o.customer_id = staged.customer_id
WHERE winner.old_country <> staged.country`;

const storeCustomers = `
INSERT INTO customers (customer_id, email_h, first_initial, last_initial, country, signup_date, source)
SELECT customer_id, email_h, first_initial, last_initial, country, signup_date, :base + rank
FROM temp.customer_winners CROSS JOIN temp.batch_customers USING (seq)
WHERE true
ON CONFLICT (customer_id) DO UPDATE SET email_h = excluded.email_h, first_initial = excluded.first_initial,
  last_initial = excluded.last_initial, country = excluded.country, signup_date = excluded.signup_date,
  source = excluded.source`;

const pickOrders = `
INSERT INTO temp.order_winners (seq, replaces)
SELECT staged.seq, stored.order_id IS NOT NULL
FROM (
  SELECT order_id, order_ts, rank, seq,
    row_number() OVER (PARTITION BY order_id ORDER BY order_ts DESC, rank DESC, seq DESC) AS place
  FROM temp.batch_orders
) AS staged
LEFT JOIN orders AS stored ON stored.order_id = staged.order_id
WHERE staged.place = 1 AND (
  stored.order_id IS NULL
  OR staged.order_ts > stored.order_ts
  OR (staged.order_ts = stored.order_ts AND ${standsLater("staged", "stored")})
)`;

const takeOutReplaced = `
INSERT INTO temp.deltas
SELECT o.order_date, o.product, o.channel, coalesce(c.country, 'NA'), -1, -coalesce(o.quantity, 0), -o.total_amount
FROM temp.order_winners AS winner
CROSS JOIN temp.batch_orders AS staged ON staged.seq = winner.seq
CROSS JOIN orders AS o ON o.order_id = staged.order_id
LEFT JOIN customers AS c ON c.customer_id = o.customer_id
WHERE winner.replaces`;

const putInNew = `
INSERT INTO temp.deltas
SELECT o.order_date, o.product, o.channel, coalesce(c.country, 'NA'), 1, coalesce(o.quantity, 0), o.total_amount
FROM temp.order_winners AS winner
CROSS JOIN temp.batch_orders AS o ON o.seq = winner.seq
LEFT JOIN customers AS c ON c.customer_id = o.customer_id`;

const storeOrders = `
INSERT INTO orders (order_id, customer_id, product, quantity, unit_price, total_amount, order_ts, order_date, channel,
  source)
SELECT order_id, customer_id, product, quantity, unit_price, total_amount, order_ts, order_date, channel, :base + rank
FROM temp.order_winners CROSS JOIN temp.batch_orders USING (seq)
WHERE true
ON CONFLICT (order_id) DO UPDATE SET customer_id = excluded.customer_id, product = excluded.product,
  quantity = excluded.quantity, unit_price = excluded.unit_price, total_amount = excluded.total_amount,
  order_ts = excluded.order_ts, order_date = excluded.order_date, channel = excluded.channel,
  source = excluded.source`;

function applyDeltas(cube: string, key: readonly string[]): string[] {
  const columns = key.join(", ");
  return [
    `
INSERT INTO ${cube} (${columns}, orders, quantity, revenue)
SELECT ${columns}, sum(orders), sum(quantity), sum(revenue)
FROM temp.deltas
GROUP BY ${columns}
HAVING sum(orders) <> 0 OR sum(quantity) <> 0 OR sum(revenue) <> 0
ON CONFLICT (${columns}) DO UPDATE SET orders = orders + excluded.orders, quantity = quantity + excluded.quantity,
  revenue = revenue + excluded.revenue`,
    // Only a cell that lost an order can have become empty.
    `
DELETE FROM ${cube}
WHERE (${columns}) IN (SELECT ${columns} FROM temp.deltas WHERE orders < 0) AND orders = 0`,
  ];
}

export const MERGE_STATEMENTS: readonly string[] = [
  pickCustomers,
  moveOrders("winner.old_country", "-"),
  moveOrders("staged.country", "+"),
  storeCustomers,
  pickOrders,
  takeOutReplaced,
  putInNew,
  storeOrders,
  ...Object.entries(CUBES).flatMap(([cube, key]) => applyDeltas(cube, key)),
];
