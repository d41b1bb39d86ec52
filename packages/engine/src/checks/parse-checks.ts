import { duration, IngotError, messageOf } from "@ingot/common";
import { loadAll, YAMLException } from "js-yaml";
import type { Check, Test, TestKind } from "./check.ts";
import type { Severity } from "./check-result.ts";

/*
 * Checks as they are declared beside a model, in the form of dbt's properties:
 *
 *     columns:
 *       - name: order_date
 *         tests:
 *           - not_null
 *           - accepted_values: { values: [web, store], severity: warn }
 *     tests:
 *       - row_count: { min: 1 }
 *       - name: revenue_is_positive
 *         sql: select * from {{ this }} where revenue < 0
 */

const COLUMN_TESTS = ["not_null", "unique", "accepted_values", "relationships"] as const;
const MODEL_TESTS = ["row_count", "freshness", "sql"] as const;
const NAME = /^[a-z_][a-z0-9_]*$/i;
const REFERENCE = /^(?:ref\(\s*['"])?([a-z_][a-z0-9_]*)(?:['"]\s*\))?$/i;
const AGE = duration(1000, 36_500);

type Values = Record<string, unknown>;

/**
 * The checks that a file declares.
 *
 * @param file where the text stands, for messages
 * @throws IngotError `check_failed` that says what is wrong there
 */
export function parseChecks(text: string, file: string): Check[] {
  const document = documentIn(text, file);
  try {
    const content = asValues(document ?? {}, "the file");
    allow(content, ["version", "description", "columns", "tests", "data_tests"], "the file");
    const columns = asList(content.columns ?? [], "columns").map((column) => asValues(column, "a column"));
    const checks = [
      ...columns.flatMap(columnChecks),
      ...testsOf(content).map((entry) => checkOf(entry, MODEL_TESTS, undefined)),
    ];
    const names = checks.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new Error(`two checks are called ${twice}; give one of them a name`);
    return checks;
  } catch (cause) {
    throw wrong(file, messageOf(cause));
  }
}

/** `undefined` where there is none. @throws IngotError for what is no YAML, or more than one document */
function documentIn(text: string, file: string): unknown {
  try {
    const [first, ...others] = loadAll(text);
    if (others.length === 0) return first;
    throw wrong(file, "there is more than one document");
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const where = error.mark ? `${file}, line ${error.mark.line + 1}` : file;
    throw wrong(where, error.reason);
  }
}

function wrong(where: string, what: string): IngotError {
  return new IngotError("check_failed", `${where}: ${what}. CONTRIBUTING.md shows how checks are declared.`);
}

function columnChecks(column: Values): Check[] {
  const name = nameOf(column.name, "name of a column");
  allow(column, ["name", "description", "data_type", "tests", "data_tests"], `column ${name}`);
  return testsOf(column).map((entry) => checkOf(entry, COLUMN_TESTS, name));
}

function testsOf(values: Values): unknown[] {
  return [...asList(values.tests ?? [], "tests"), ...asList(values.data_tests ?? [], "data_tests")];
}

/** @param column the column under which it stands; `undefined` for a test of the whole model */
function checkOf(entry: unknown, kinds: readonly TestKind[], column: string | undefined): Check {
  const place = column === undefined ? "tests" : `tests of column ${column}`;
  const values = typeof entry === "string" ? { [entry]: {} } : asValues(entry, `an entry of ${place}`);
  const kind = kinds.find((candidate) => Object.hasOwn(values, candidate));
  if (kind === undefined) {
    const given = Object.keys(values)[0] ?? "nothing";
    throw new Error(`${place}: "${given}" is none of ${kinds.join(", ")}`);
  }
  const { [kind]: own, ...beside } = values;
  // A query stands there as it is, other tests have their arguments in a map, which dbt lets people group.
  const nested = kind === "sql" ? { sql: own } : asValues(own ?? {}, kind);
  const { arguments: grouped = {}, config = {}, ...plain } = { ...nested, ...beside };
  const all = { ...plain, ...asValues(grouped, "arguments"), ...asValues(config, "config") };
  const { name, severity = "error", description: _, ...given } = all;
  const where = `${kind}${column === undefined ? "" : ` of column ${column}`}`;
  const test = testOf(kind, column, given, where);
  return {
    name: name === undefined ? usualName(test, where) : nameOf(name, `name of ${where}`),
    severity: severityOf(severity, where),
    test,
  };
}

function testOf(kind: TestKind, under: string | undefined, given: Values, where: string): Test {
  const column = under ?? "";
  switch (kind) {
    case "not_null":
    case "unique":
      allow(given, [], where);
      return { kind, column };
    case "accepted_values": {
      allow(given, ["values"], where);
      const values = asList(given.values, `values of ${where}`).map(String);
      return { kind, column, values };
    }
    case "relationships": {
      allow(given, ["to", "field"], where);
      const [, to] = REFERENCE.exec(String(given.to)) ?? [];
      if (to === undefined) throw new Error(`to of ${where} is no name of a table or model`);
      return { kind, column, to, field: nameOf(given.field, `field of ${where}`) };
    }
    case "row_count": {
      allow(given, ["min", "max"], where);
      const [min, max] = [given.min, given.max].map((bound) => countOf(bound, where));
      if (min === undefined && max === undefined) throw new Error(`${where} has neither min nor max`);
      return { kind, min, max };
    }
    case "freshness": {
      allow(given, ["column", "max_age"], where);
      const maxAgeMs = AGE.parse(String(given.max_age));
      if (maxAgeMs === undefined) throw new Error(`max_age of ${where} is not ${AGE.allowed}`);
      return { kind, column: nameOf(given.column, `column of ${where}`), maxAgeMs };
    }
    case "sql": {
      allow(given, ["sql"], where);
      if (typeof given.sql !== "string") throw new Error("sql is no text");
      return { kind, sql: given.sql };
    }
  }
}

function usualName(test: Test, where: string): string {
  if (test.kind === "sql") throw new Error(`${where}: a query needs a name`);
  return "column" in test ? `${test.kind}_${test.column}` : test.kind;
}

function severityOf(given: unknown, where: string): Severity {
  const severity = String(given).toLowerCase();
  if (severity === "warn" || severity === "error") return severity;
  throw new Error(`severity of ${where} is "${given}", neither warn nor error`);
}

function countOf(given: unknown, where: string): number | undefined {
  if (given === undefined || (Number.isSafeInteger(given) && Number(given) >= 0)) return given as number;
  throw new Error(`a bound of ${where} is "${given}", no whole number`);
}

function nameOf(given: unknown, what: string): string {
  if (typeof given === "string" && NAME.test(given)) return given;
  throw new Error(`the ${what} is "${given}", not of letters, digits and _`);
}

function asValues(given: unknown, what: string): Values {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Values;
  throw new Error(`${what} is no map of names and values`);
}

function asList(given: unknown, what: string): unknown[] {
  if (Array.isArray(given)) return given;
  throw new Error(`${what} is no list`);
}

function allow(values: Values, names: readonly string[], where: string): void {
  const unknown = Object.keys(values).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new Error(
    `${where} has "${unknown}"; ${names.length === 0 ? "it takes nothing" : `allowed: ${names.join(", ")}`}`,
  );
}
