import { isTransient, messageOf } from "@ingot/common";
import { sqlName } from "../duckdb/sql-text.ts";
import type { Check, Test } from "./check.ts";
import type { CheckResult } from "./check-result.ts";
import { measureOf, queryOf, withoutEnd } from "./check-sql.ts";

/** What checks are run on. */
export interface CheckedModel extends Pick<CheckResult, "model" | "layer"> {
  /** The SQL that makes its rows; absent where there is a table of its name. */
  sql?: string;
}

/** Runs one query. @throws what the engine says */
export type RunQuery = (sql: string) => Promise<{ rows: readonly (readonly unknown[])[] }>;

/** What the rows of a model are called in SQL while it is checked, so that they hide no table of its own name. */
const THIS = "this_model";
const DAY_MS = 86_400_000;

/**
 * Runs a model's checks, all of them on the same rows. A check that cannot be run does not keep the others back.
 *
 * @param now what freshness is measured from
 * @throws IngotError where the engine cannot be asked now: then nothing is known of any check
 */
export async function runChecks(
  model: CheckedModel,
  checks: readonly Check[],
  { query, now }: { query: RunQuery; now: Date },
): Promise<CheckResult[]> {
  if (checks.length === 0) return [];
  const start = performance.now();
  const valuesOf = async (some: readonly Check[]): Promise<readonly unknown[]> => {
    const { rows } = await query(valuesQuery(model, some));
    return rows[0]!;
  };
  try {
    const values = await valuesOf(checks);
    const tookMs = (performance.now() - start) / checks.length;
    return checks.map((check, index) => judged(check, model, { value: values[index], now, tookMs }));
  } catch (error) {
    if (isTransient(error)) throw error;
    if (checks.length === 1) return [broken(checks[0]!, model, error, performance.now() - start)];
    // One of them is no SQL that the engine takes: which one?
    const results: CheckResult[] = [];
    for (const check of checks) results.push(...(await runChecks(model, [check], { query, now })));
    return results;
  }
}

function valuesQuery({ model, sql }: CheckedModel, checks: readonly Check[]): string {
  const name = sql === undefined ? model : THIS;
  const values = checks.map(({ test }, index) => `(${measureOf(test, name)}) as value_${index}`);
  const rows = sql === undefined ? "" : `with ${sqlName(THIS)} as materialized (${withoutEnd(sql)}\n)\n`;
  return `${rows}select ${values.join(",\n  ")}`;
}

/** What a check found, by the value that its query gave. */
export function judged(
  { name, severity, test }: Check,
  { model, layer }: CheckedModel,
  { value, now, tookMs }: { value: unknown; now: Date; tookMs: number },
): CheckResult {
  const { failing, expected, actual } = verdict(test, value, now);
  const status = failing === 0 ? "pass" : "fail";
  return {
    model,
    layer,
    check: name,
    severity,
    status,
    failing,
    expected,
    actual,
    query: queryOf(test, model),
    tookMs,
  };
}

function broken(check: Check, { model, layer }: CheckedModel, error: unknown, tookMs: number): CheckResult {
  const { name, severity, test } = check;
  return {
    ...{ model, layer, check: name, severity, status: "broken", failing: undefined, tookMs },
    ...{ expected: "a query that can be run", actual: messageOf(error), query: queryOf(test, model) },
  };
}

type Verdict = Pick<CheckResult, "expected" | "actual"> & { failing: number };

function verdict(test: Test, value: unknown, now: Date): Verdict {
  switch (test.kind) {
    case "row_count": {
      const rows = Number(value);
      const { min = 0, max = Number.POSITIVE_INFINITY } = test;
      const bounds = [
        ...(test.min === undefined ? [] : [`at least ${test.min}`]),
        ...(test.max === undefined ? [] : [`at most ${test.max}`]),
      ];
      const failing = rows >= min && rows <= max ? 0 : 1;
      return { failing, expected: `${bounds.join(" and ")} rows`, actual: counted(rows) };
    }
    case "freshness": {
      const expected = `newest ${test.column} at most ${age(test.maxAgeMs)} old`;
      if (value === null || value === undefined || value === "")
        return { failing: 1, expected, actual: "no rows" };
      const ageMs = now.getTime() - instantOf(value);
      // What is no date is not fresh either.
      const failing = ageMs <= test.maxAgeMs ? 0 : 1;
      return { failing, expected, actual: `${value}${ageMs > 0 ? `, ${age(ageMs)} old` : ""}` };
    }
    default: {
      const rows = Number(value);
      return { failing: rows, expected: "no failing rows", actual: `${counted(rows)} failing` };
    }
  }
}

const counted = (rows: number): string => `${rows} ${rows === 1 ? "row" : "rows"}`;

/** Milliseconds since 1970. A date counts to the end of its day: what is of today is fresh. */
function instantOf(value: unknown): number {
  const text = String(value);
  const start = Date.parse(text);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? start + DAY_MS : start;
}

function age(ms: number): string {
  const units: readonly (readonly [number, string])[] = [
    [DAY_MS, "d"],
    [3_600_000, "h"],
    [60_000, "m"],
    [1000, "s"],
  ];
  const [size, unit] = units.find(([least]) => ms >= 2 * least) ?? [1000, "s"];
  return `${Math.floor(ms / size)} ${unit}`;
}
