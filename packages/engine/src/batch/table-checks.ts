import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Check } from "../checks/check.ts";
import { parseChecks } from "../checks/parse-checks.ts";
import { runChecks } from "../checks/run-checks.ts";
import type { DuckDbSession } from "../duckdb/duckdb.ts";
import type { Table } from "./pipeline.ts";
import { fingerprintOf } from "./places.ts";
import type { Expectation } from "./run-options.ts";
import type { RunCheck } from "./run-record.ts";

/** A table's checks, and what tells them from others. */
export interface TableChecks {
  checks: readonly Check[];
  fingerprint: string;
}

/** @throws IngotError `check_failed` for a file that declares none */
export async function readTableChecks({ checks }: Table): Promise<TableChecks> {
  if (!checks) return { checks: [], fingerprint: "none" };
  const file = fileURLToPath(checks);
  const text = await readFile(file, "utf8");
  return { checks: parseChecks(text, file), fingerprint: fingerprintOf([text]) };
}

/** Runs a table's checks on what its name means in the session. */
export async function checkTable(
  { name }: Table,
  { checks }: TableChecks,
  session: DuckDbSession,
  now: Date,
): Promise<RunCheck[]> {
  const query = async (sql: string) => ({ rows: await session.all(sql) });
  const results = await runChecks({ model: name, layer: "silver" }, checks, { query, now });
  const told: RunCheck[] = [];
  for (const { check, severity, status, failing, expected, actual, query: sql } of results) {
    const examples = status === "fail" ? await exampleRows(sql, session) : [];
    told.push({
      ...{ check, severity, status, failing, expected, actual },
      ...(examples.length === 0 ? {} : { examples }),
    });
  }
  return told;
}

const MOST_EXAMPLES = 3;
const MOST_VALUES = 8;

/** Some of the rows that a check found, for the person who has to mend them. Nothing where these cannot be had. */
async function exampleRows(sql: string, session: DuckDbSession): Promise<string[]> {
  try {
    const { columns, batches } = await session.query(`FROM (${sql}\n) LIMIT ${MOST_EXAMPLES}`);
    const rows = (await Array.fromAsync(batches)).flat();
    return rows.map((row) =>
      row
        .flatMap((value, at) => (value === null ? [] : `${columns[at]!.name} ${value}`))
        .slice(0, MOST_VALUES)
        .join(", "),
    );
  } catch {
    return [];
  }
}

/** Figures, each by its query; an empty text where there is none. */
export async function measure(
  queries: Readonly<Record<string, string>>,
  session: DuckDbSession,
): Promise<Record<string, string>> {
  const measures: Record<string, string> = {};
  for (const [name, sql] of Object.entries(queries)) measures[name] = (await session.all(sql))[0]?.[0] ?? "";
  return measures;
}

/** Whether a table's figures are those that are expected. */
export async function checkExpectations(
  { name }: Table,
  measures: Readonly<Record<string, string>>,
  expectations: readonly Expectation[],
  session: DuckDbSession,
): Promise<RunCheck[]> {
  const results: RunCheck[] = [];
  for (const { table, measure: figure, value, tolerance = "0" } of expectations) {
    if (table !== name) continue;
    const actual = measures[figure] ?? "";
    const isMet = actual !== "" && (await isWithin(session, { actual, value, tolerance }));
    const expected = `${figure} ${value}${tolerance === "0" ? "" : ` ± ${tolerance}`}`;
    results.push({
      check: `expected_${figure}`,
      severity: "error",
      status: isMet ? "pass" : "fail",
      failing: isMet ? 0 : 1,
      expected,
      actual: actual === "" ? "nothing" : `${figure} ${actual}`,
    });
  }
  return results;
}

/** Exact decimals: a float of 70568.60 is another number. */
async function isWithin(
  session: DuckDbSession,
  { actual, value, tolerance }: { actual: string; value: string; tolerance: string },
): Promise<boolean> {
  const decimal = (text: string): string => `CAST('${text.replaceAll("'", "''")}' AS DECIMAL(38, 10))`;
  const [row] = await session.all(
    `SELECT abs(${decimal(actual)} - ${decimal(value)}) <= ${decimal(tolerance)}`,
  );
  return row?.[0] === "true";
}
