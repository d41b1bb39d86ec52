import { IngotError, messageOf } from "@ingot/common";
import { FAILSAFE_SCHEMA, loadAll, YAMLException } from "js-yaml";
import { foldName } from "./field-names.ts";
import type { Pipeline, Table } from "./pipeline.ts";
import type { Expectation } from "./run-options.ts";

/*
 * Values that a month is to have, by table and figure:
 *
 *     clean_erp: { rows: 825 }
 *     dedup_web: 714                                  # a number alone is about rows
 *     revenue: { total: 70568.60, tolerance: 0.01 }
 *     premium:
 *       premium: 30
 *       ordinary: { value: 684, tolerance: 2 }
 */

const ROWS = "rows";
const TOLERANCE = "tolerance";
const VALUE = "value";
const NUMBER = /^[+-]?\d{1,28}(?:\.\d{1,10})?$/;
const EXAMPLE = "a number such as 825 or 70568.60";

/**
 * What a file of expected values says. Tables and figures may be written as people write them, `Clean ERP` for `clean_erp`, and
 * cut short where that leaves one only: `join` for `joined`.
 *
 * @param file where the text stands, for messages
 * @throws IngotError `usage` that says what is wrong there, and what would be right
 */
export function parseExpectations(text: string, file: string, pipeline: Pipeline): Expectation[] {
  try {
    const expectations = Object.entries(asMap(documentIn(text), "the file")).flatMap(([name, given]) =>
      expectationsOf(named(pipeline.tables, name, "a table"), given),
    );
    if (expectations.length === 0) throw new Error("there is nothing in it");
    const names = expectations.map(({ table, measure }) => `${measure} of ${table}`);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) throw new Error(`${twice} stands there twice`);
    return expectations;
  } catch (cause) {
    const message = `${file}: ${messageOf(cause)}. Expected values are written as \`${exampleOf(pipeline)}\`.`;
    throw new IngotError("usage", message, { cause });
  }
}

/** Every number stays the text that it is. */
function documentIn(text: string): unknown {
  try {
    const [first, ...others] = loadAll(text, { schema: FAILSAFE_SCHEMA });
    if (others.length === 0) return first;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new Error(`${error.mark ? `line ${error.mark.line + 1}: ` : ""}${error.reason}`);
  }
  throw new Error("there is more than one document");
}

function expectationsOf(table: Table, given: unknown): Expectation[] {
  if (!isMap(given)) return [{ table: table.name, measure: ROWS, value: numberIn(given, table.name) }];
  const figures = figuresOf(table);
  const { [TOLERANCE]: shared, ...own } = given;
  const tolerance = toleranceIn(shared, table.name);
  if (Object.keys(own).length === 0)
    throw new Error(`${table.name} has no figure; it may have ${listed(figures)}`);
  return Object.entries(own).map(([name, entry]) => {
    const measure = named(
      figures.map((figure) => ({ name: figure })),
      name,
      `a figure of ${table.name}`,
    ).name;
    const what = `${measure} of ${table.name}`;
    const figure = valueIn(entry, what);
    return { table: table.name, measure, ...tolerance, ...figure };
  });
}

function valueIn(entry: unknown, what: string): Pick<Expectation, "value" | "tolerance"> {
  if (!isMap(entry)) return { value: numberIn(entry, what) };
  const { [VALUE]: value, [TOLERANCE]: tolerance, ...others } = entry;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`${what} has "${unknown}"; it may have ${VALUE}, ${TOLERANCE}`);
  return { value: numberIn(value, what), ...toleranceIn(tolerance, what) };
}

function toleranceIn(given: unknown, what: string): Pick<Expectation, "tolerance"> {
  if (given === undefined) return {};
  const tolerance = numberIn(given, `the tolerance of ${what}`);
  if (tolerance.startsWith("-")) throw new Error(`the tolerance of ${what} is ${tolerance}, less than 0`);
  return { tolerance };
}

/** A decimal number as it is written, without separators that only people need. */
function numberIn(given: unknown, what: string): string {
  const text = typeof given === "string" ? given.trim().replaceAll("_", "") : "";
  if (NUMBER.test(text)) return text.replace(/^\+/, "");
  const found = typeof given === "string" ? `"${given}"` : "no single value";
  throw new Error(`${what} is ${found}, not ${EXAMPLE}`);
}

const figuresOf = ({ measures = {} }: Pick<Table, "measures">): string[] => [ROWS, ...Object.keys(measures)];

function named<Named extends { name: string }>(all: readonly Named[], name: string, what: string): Named {
  const folded = foldName(name);
  const found = all.find((one) => foldName(one.name) === folded);
  if (found) return found;
  const [begun, ...others] = folded === "" ? [] : all.filter((one) => foldName(one.name).startsWith(folded));
  if (begun && others.length === 0) return begun;
  throw new Error(`"${name}" is not ${what}; there are ${listed(all.map((one) => one.name))}`);
}

const listed = (names: readonly string[]): string => names.join(", ");

function exampleOf({ tables }: Pipeline): string {
  const table = tables.find(({ measures }) => measures !== undefined) ?? tables[0];
  if (!table) return "table: { rows: 825 }";
  const figure = figuresOf(table).at(-1);
  return `${table.name}: { ${figure}: 825 }`;
}

const isMap = (given: unknown): given is Record<string, unknown> =>
  typeof given === "object" && given !== null && !Array.isArray(given);

function asMap(given: unknown, what: string): Record<string, unknown> {
  if (isMap(given)) return given;
  throw new Error(
    given === undefined ? `there is nothing in ${what}` : `${what} is no map of tables and figures`,
  );
}
