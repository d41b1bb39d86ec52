import path from "node:path";
import { formatCents, IngotError, type Lake } from "@ingot/common";
import { LocalObjects, openDuckDb } from "@ingot/engine";
import type { CheckResult } from "@ingot/engine/checks";
import { ecommerceObjects } from "@ingot/pipelines";
import type { DaySales } from "@ingot/pipelines/tables";
import type { Warehouse } from "@ingot/warehouse";

/** What gold's KPIs are made of, at one instant. */
interface Sales {
  revision: string;
  /** The bronze objects whose orders are in it. */
  bronzeKeys: string[];
  days: Map<string, DaySales>;
}

export interface ReconciliationOptions {
  lake: Pick<Lake, "silver" | "gold">;
  warehouse: Warehouse;
  /** What DuckDB may take beside other work. */
  duckDb: { threads?: number; memoryBytes?: number };
  signal?: AbortSignal | undefined;
}

/** What the check is called among others. */
export const RECONCILIATION = { model: "sales_by_day", check: "reconciles_with_silver" } as const;

const ATTEMPTS = 5;
/** Somebody writes, or cleans anew, at this moment: nothing can be said then. */
const MOVING = ["object_changed", "object_missing", "silver_invalid", "silver_incomplete"];

/**
 * Computes sales by day anew from silver's files, by another engine and with nothing of what the warehouse remembers, and
 * compares them with what gold is made of, to the last unit of an amount.
 *
 * @returns `undefined` where silver was being changed, so that nothing can be said
 * @throws IngotError of the storage or the warehouse; the signal's reason
 */
export async function reconcile(options: ReconciliationOptions): Promise<CheckResult | undefined> {
  const { lake, warehouse, duckDb, signal } = options;
  const start = performance.now();
  const gold = await salesOf(warehouse);
  if (!gold) return undefined;
  // Loaded here only: it takes a tenth of a second.
  const { SILVER_SALES, silverSales } = await import("@ingot/pipelines/tables");
  const session = await openDuckDb(duckDb);
  try {
    const objects = new LocalObjects(path.join(session.folder, "objects"));
    const silver = await silverSales({ session, objects, ...lake, bronzeKeys: gold.bronzeKeys, signal });
    const differing = differences(gold.days, silver);
    // What the warehouse took in may have been written again since: it fills itself anew then.
    if (differing.length > 0 && (await isStale(lake, warehouse, gold))) return undefined;
    return result(gold.days, silver, { differing, query: SILVER_SALES, tookMs: performance.now() - start });
  } catch (error) {
    if (error instanceof IngotError && MOVING.includes(error.code)) return undefined;
    throw error;
  } finally {
    await session.close();
  }
}

async function salesOf(warehouse: Warehouse): Promise<Sales | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const revision = await warehouse.revision();
    const objects = await warehouse.query("select bronze_key from objects where dataset = 'orders'");
    const days = await warehouse.query("select order_date, orders, revenue from sales_by_day");
    if ((await warehouse.revision()) !== revision) continue;
    return {
      revision,
      bronzeKeys: objects.rows.map(([key]) => String(key)),
      days: new Map(
        days.rows.map(([date, orders, revenue]) => [
          String(date),
          { orders: BigInt(orders!), revenue: BigInt(revenue!) },
        ]),
      ),
    };
  }
  return undefined;
}

/** True where silver, or what the warehouse has of it, is not what was compared. */
async function isStale(
  { silver }: ReconciliationOptions["lake"],
  warehouse: Warehouse,
  { revision }: Sales,
): Promise<boolean> {
  const [generation] = revision.split(".");
  if (!(await warehouse.revision()).startsWith(`${generation}.`)) return true;
  const ingested = await warehouse.ingestedObjects();
  for await (const { key, etag } of ecommerceObjects(silver)) {
    const known = ingested.get(key);
    if (known && known.etag !== etag) return true;
  }
  return false;
}

/** The days on which the two say something else, in order. */
function differences(one: Sales["days"], other: Sales["days"]): string[] {
  const dates = new Set([...one.keys(), ...other.keys()]);
  const isEqual = (date: string): boolean => {
    const [a, b] = [one.get(date), other.get(date)];
    return a?.orders === b?.orders && a?.revenue === b?.revenue;
  };
  return [...dates].filter((date) => !isEqual(date)).sort();
}

function result(
  gold: Sales["days"],
  silver: Sales["days"],
  { differing, query, tookMs }: { differing: readonly string[]; query: string; tookMs: number },
): CheckResult {
  const [first] = differing;
  const where =
    first === undefined
      ? ""
      : `; ${differing.length === 1 ? "1 day differs," : `${differing.length} days differ, the first is`} ${first}`;
  return {
    ...RECONCILIATION,
    layer: "gold",
    severity: "error",
    status: first === undefined ? "pass" : "fail",
    failing: differing.length,
    expected: `what silver has: ${totalOf(silver)}`,
    actual: `${totalOf(gold)}${where}`,
    query,
    tookMs,
  };
}

function totalOf(days: Sales["days"]): string {
  let [orders, revenue] = [0n, 0n];
  for (const day of days.values()) {
    orders += day.orders;
    revenue += day.revenue;
  }
  return `${orders} orders, revenue ${formatCents(revenue)}`;
}
