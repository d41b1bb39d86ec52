import { createHash } from "node:crypto";
import { type Clock, formatCents, formatUnitsShort, IngotError, isTransient, messageOf } from "@ingot/common";
import { csvLine } from "@ingot/engine";
import { type CheckResult, runChecks } from "@ingot/engine/checks";
import type { ColumnType, Kpi, SqlOrigin } from "@ingot/pipelines";
import type { QueryResult, SqlValue, Warehouse } from "@ingot/warehouse";
import { sqlOrigin } from "./gold-origin.ts";
import { minuteOf } from "./quality/silver-checks.ts";

/** A KPI as it goes to gold. */
export interface RenderedKpi {
  name: string;
  columns: readonly { name: string; type: ColumnType }[];
  rows: number;
  sql: SqlOrigin;
  /** The CSV file. */
  bytes: Buffer;
  sha256: string;
}

export interface RenderedKpis {
  rendered: RenderedKpi[];
  /** KPIs whose SQL could not be run. */
  failed: { name: string; error: IngotError }[];
  /** What the KPIs' checks found. */
  checks: CheckResult[];
  /** The state of the warehouse that all of it is of. */
  revision: string;
}

/** What whole numbers in columns of these names count, where a KPI does not declare it. */
const WELL_KNOWN: Readonly<Record<string, ColumnType>> = {
  revenue: "money",
  aov: "money",
  total_amount: "money",
  unit_price: "money",
  quantity: "quantity",
  order_date: "date",
};

/** So often the KPIs are computed again because another aggregator changed the warehouse meanwhile. */
const ATTEMPTS = 5;

/** KPIs are kept in memory from one pass to the next up to this size in all. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** What may give another result although the warehouse has not changed. Rather too many than too few. */
const MAY_CHANGE =
  /\b(now|random|randomblob|current_(date|time|timestamp))\b|\b(date|time|datetime|julianday|unixepoch|strftime)\s*\(/i;

/**
 * Makes a function that computes all KPIs on one state of the warehouse. One that fails does not keep the others back.
 * While neither the warehouse nor the KPIs change it answers what it has answered before.
 */
export function createRenderer(
  warehouse: Warehouse,
  clock: Clock,
): (kpis: readonly Kpi[]) => Promise<RenderedKpis> {
  let kept: { state: string; result: RenderedKpis } | undefined;
  return async (kpis) => {
    for (let attempt = 1; ; attempt += 1) {
      const revision = await warehouse.revision();
      const now = clock.now();
      const state = stateOf(revision, kpis, now);
      if (state !== undefined && kept?.state === state) return kept.result;
      const result: RenderedKpis = { rendered: [], failed: [], checks: [], revision };
      for (const kpi of kpis) await renderInto(result, warehouse, kpi, now);
      const isOneState = (await warehouse.revision()) === revision;
      const bytes = result.rendered.reduce((total, kpi) => total + kpi.bytes.length, 0);
      const isWorthKeeping = state !== undefined && isOneState && bytes <= KEPT_BYTES;
      kept = isWorthKeeping ? { state, result } : undefined;
      // After the last attempt the next pass will find what changed.
      if (attempt === ATTEMPTS || isOneState) return result;
    }
  };
}

/** All that the KPIs depend on; `undefined` where one of them depends on more. */
function stateOf(revision: string, kpis: readonly Kpi[], now: Date): string | undefined {
  if (kpis.some(({ sql }) => MAY_CHANGE.test(sql))) return undefined;
  return JSON.stringify([
    revision,
    kpis.map(({ name, file, sql, columns, checks }) => [
      ...[name, file, sql, ...columns],
      checks.map((check) => [check, minuteOf(check, now)]),
    ]),
  ]);
}

async function renderInto(result: RenderedKpis, warehouse: Warehouse, kpi: Kpi, now: Date): Promise<void> {
  try {
    result.rendered.push(render(kpi, await warehouse.query(kpi.sql)));
    const { name: model, sql, checks } = kpi;
    const running = { query: (query: string) => warehouse.query(query), now };
    result.checks.push(...(await runChecks({ model, layer: "gold", sql }, checks, running)));
  } catch (cause) {
    if (isTransient(cause)) throw cause;
    const message = `The KPI ${kpi.file} failed: ${messageOf(cause)}`;
    const error = new IngotError("kpi_failed", message, { cause, context: { layer: "gold", key: kpi.name } });
    result.failed.push({ name: kpi.name, error });
  }
}

function render(kpi: Kpi, { columns: names, rows }: QueryResult): RenderedKpi {
  const undelivered = [...kpi.columns.keys()].filter((name) => !names.includes(name));
  if (undelivered.length > 0) {
    throw new Error(`it declares ${undelivered.join(", ")}, but its result has only ${names.join(", ")}`);
  }
  const columns = names.map((name, index) => ({
    name,
    type:
      kpi.columns.get(name) ??
      inferType(
        name,
        rows.map((row) => row[index] ?? null),
      ),
  }));
  const lines = rows.map((row) => csvLine(row.map((value, index) => printed(value, columns[index]!))));
  const bytes = Buffer.from([csvLine(names), ...lines].join(""));
  return {
    name: kpi.name,
    columns,
    rows: rows.length,
    sql: sqlOrigin(kpi),
    bytes,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

function inferType(name: string, values: readonly SqlValue[]): ColumnType {
  const present = values.filter((value) => value !== null);
  const wellKnown = WELL_KNOWN[name];
  // Decimals are no count of 1/10000 but a KPI's own division by 10000, and texts its own formatting.
  const fits = wellKnown === "date" ? isText : isWhole;
  if (wellKnown && present.every(fits)) return wellKnown;
  if (present.length === 0 || present.some(isText)) return "text";
  return present.every(isWhole) ? "integer" : "number";
}

const isText = (value: SqlValue): boolean => typeof value === "string";
const isWhole = (value: SqlValue): boolean => typeof value === "bigint";

function printed(value: SqlValue, { name, type }: { name: string; type: ColumnType }): string {
  if (value === null) return "";
  if (type !== "money" && type !== "quantity") return String(value);
  if (typeof value === "string")
    throw new Error(`column ${name} is declared as ${type}, but holds the text "${value}"`);
  // A user's own division may give a fraction of 1/10000; it is cut off, as whole-number division does.
  const units = typeof value === "bigint" ? value : BigInt(Math.trunc(value));
  return type === "money" ? formatCents(units) : formatUnitsShort(units);
}
