import type { ObjectStore } from "@ingot/common";
import { type DuckDbSession, type LocalObjects, sqlText } from "@ingot/engine";
import { openLakeTables } from "./lake-tables.ts";

/** What was sold on a day. Revenue in units of 1/10000. */
export interface DaySales {
  orders: bigint;
  revenue: bigint;
}

export interface SilverSalesOptions {
  session: DuckDbSession;
  objects: LocalObjects;
  silver: ObjectStore;
  gold: ObjectStore;
  /** The bronze objects whose orders count. */
  bronzeKeys: readonly string[];
  signal?: AbortSignal | undefined;
}

/** How silver's orders become sales by day, each order counting once: for people, who may run it with `ingot query`. */
export const SILVER_SALES = `select order_date, count(*) as orders, sum(total_amount) as revenue
from (
  select * from silver.orders
  qualify row_number() over (partition by order_id order by order_ts desc, bronze_key desc) = 1
) as newest
group by order_date order by order_date`;

const KEYS_AT_A_TIME = 1_000;

/**
 * Sales by day, computed from silver's files alone, by nothing that the warehouse uses.
 *
 * @returns by `order_date`
 * @throws IngotError as `openLakeTables`
 */
export async function silverSales(options: SilverSalesOptions): Promise<Map<string, DaySales>> {
  const { session, objects, silver, gold, bronzeKeys, signal } = options;
  await openLakeTables({ session, objects, silver, gold, sql: "orders", signal });
  await session.run("CREATE OR REPLACE TEMP TABLE counted (bronze_key VARCHAR)");
  for (let at = 0; at < bronzeKeys.length; at += KEYS_AT_A_TIME) {
    const values = bronzeKeys.slice(at, at + KEYS_AT_A_TIME).map((key) => `(${sqlText(key)})`);
    await session.run(`INSERT INTO counted VALUES ${values.join(", ")}`);
  }
  const rows = await session.all(
    `SELECT order_date, count(*), cast(sum(total_amount) * 10000 AS HUGEINT)
     FROM (
       SELECT order_date, total_amount FROM silver.orders SEMI JOIN counted USING (bronze_key)
       QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY order_ts DESC, bronze_key DESC) = 1
     ) AS newest
     GROUP BY order_date`,
    { signal },
  );
  return new Map(
    rows.map(([date, orders, revenue]) => [date!, { orders: BigInt(orders!), revenue: BigInt(revenue!) }]),
  );
}
