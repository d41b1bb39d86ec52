import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  inParallel,
  LAYERS,
  type Lake,
  lakeLocation,
  type ObjectStore,
  openLake,
  readAll,
  readSettings,
} from "@ingot/common";
import Papa from "papaparse";
import { naiveGold } from "../naive-gold.ts";
import { type Accounts, accountFor } from "./account.ts";
import { runIngot, type Surroundings } from "./ingot.ts";

const PARALLEL = 16;
/** Names that no finished object has: hidden files, and what programs call what they have not finished. */
const TEMPORARY = /(^|\/)\.|\btmp\b|\btemp\b|\.part(ial)?$|~$/i;

/** Runs a command on the lake; what it prints. */
type Ingot = (...args: string[]) => Promise<string>;

export interface CheckedLake extends Accounts {
  /** Orders in gold. */
  orders: number;
  /** Orders that gold's days have less and more than bronze gives. */
  ordersLost: number;
  ordersDoubled: number;
}

/**
 * Works off everything that is left, and holds the lake against what follows from bronze.
 *
 * @param folder for a copy of bronze
 */
export async function checkLake(surroundings: Surroundings, folder: string): Promise<CheckedLake> {
  const differences: string[] = [];
  const ingot: Ingot = async (...args) => {
    const { stdout, failure } = await runIngot(args, surroundings);
    if (failure !== undefined) differences.push(failure);
    return stdout;
  };
  await ingot("clean", "--once");
  await ingot("aggregate", "--once");
  const lake = await openLake(lakeLocation(readSettings({ flags: {}, env: surroundings.env })));
  try {
    const bronze = await folderOf(lake.bronze, path.join(folder, "bronze"));
    const expected = naiveGold(bronze);
    const orders = compareGold("gold", await goldOf(lake), expected, differences);
    // Nothing is lost where nothing was done.
    if (orders.orders === 0) differences.push("gold has no orders: the services did not work at all");
    const rows = await rowsInSilver(ingot);
    const accounts = await accountFor(lake, bronze, rows);
    differences.push(...accounts.differences, ...(await leftovers(lake)));
    differences.push(...doctorsFailures(await ingot("doctor", "--json")));
    differences.push(...backlog(await ingot("status", "--json")));
    await ingot("rebuild");
    compareGold("gold after a rebuild from silver", await goldOf(lake), expected, differences);
    await ingot("check");
    return { ...orders, datasets: accounts.datasets, differences };
  } finally {
    await lake.close();
  }
}

/** Compares byte for byte. @returns orders in gold, and those missing and too many, day by day */
function compareGold(
  what: string,
  gold: Record<string, string>,
  expected: Record<string, string>,
  differences: string[],
): Pick<CheckedLake, "orders" | "ordersLost" | "ordersDoubled"> {
  for (const [kpi, text] of Object.entries(expected)) {
    if (gold[kpi] !== text) differences.push(`${what}: ${kpi} is\n${gold[kpi]}and should be\n${text}`);
  }
  const there = ordersByDay(gold.sales_by_day);
  const due = ordersByDay(expected.sales_by_day);
  let [ordersLost, ordersDoubled] = [0, 0];
  for (const day of new Set([...there.keys(), ...due.keys()])) {
    const missing = (due.get(day) ?? 0) - (there.get(day) ?? 0);
    ordersLost += Math.max(0, missing);
    ordersDoubled += Math.max(0, -missing);
  }
  return { orders: [...there.values()].reduce((sum, count) => sum + count, 0), ordersLost, ordersDoubled };
}

function ordersByDay(csv = ""): Map<string, number> {
  const { data } = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true });
  return new Map(data.map(({ order_date = "", orders }) => [order_date, Number(orders)]));
}

async function goldOf({ gold }: Lake): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { key } of gold.list({ prefix: "latest/" })) {
    if (key.endsWith(".csv")) found[path.basename(key, ".csv")] = (await readAll(gold, key)).toString("utf8");
  }
  return found;
}

/** A folder with a copy of the layer's objects. */
async function folderOf(store: ObjectStore, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const infos = await Array.fromAsync(store.list());
  await inParallel(infos, PARALLEL, async ({ key }) => {
    const file = path.join(folder, key);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, await readAll(store, key));
  });
  return folder;
}

/** How many rows silver has of each bronze object, wherever they lie. */
async function rowsInSilver(ingot: Ingot): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  const each = ["customers", "orders", "clicks"].map((name) => `SELECT bronze_key FROM silver.${name}`);
  const sql = `SELECT bronze_key, count(*) AS n FROM (${each.join(" UNION ALL ")}) GROUP BY bronze_key`;
  const { data } = Papa.parse<Record<string, string>>(await ingot("query", sql, "--format", "csv"), {
    header: true,
    skipEmptyLines: true,
  });
  for (const { bronze_key = "", n } of data) rows.set(bronze_key, Number(n));
  return rows;
}

async function leftovers(lake: Lake): Promise<string[]> {
  const found: string[] = [];
  for (const layer of LAYERS) {
    for await (const { key } of lake[layer].list())
      if (TEMPORARY.test(key)) found.push(`${layer} shows a temporary object: ${key}`);
  }
  return found;
}

function doctorsFailures(json: string): string[] {
  const findings: { check: string; status: string; detail: string }[] = JSON.parse(json || "[]");
  const failed = findings.filter(({ status }) => status === "failed");
  return failed.map(({ check, detail }) => `doctor: ${check}: ${detail}`);
}

/** @returns what is not worked off, as `ingot status --json` tells it */
export function backlog(json: string): string[] {
  if (json === "") return [];
  const { backlog: open, unrecognised } = JSON.parse(json);
  const left = [];
  if (open.bronze > 0 || open.silver > 0) left.push(`status: not worked off: ${JSON.stringify(open)}`);
  if (unrecognised.length > 0) left.push(`status: unrecognised objects: ${unrecognised.join(", ")}`);
  return left;
}
