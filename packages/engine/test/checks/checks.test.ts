import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  type Check,
  type CheckedModel,
  parseChecks,
  type RunQuery,
  runChecks,
} from "../../src/checks/index.ts";
import { openDuckDb } from "../../src/index.ts";

const NOW = new Date("2026-03-10T12:00:00Z");
const EVERY_KIND = `
columns:
  - name: id
    tests: [not_null, unique]
  - name: kind
    tests:
      - accepted_values: { values: [a, "b'c", 7] }
      - relationships: { to: ref('kinds'), field: kind }
tests:
  - row_count: { min: 1, max: 3 }
  - freshness: { column: day, max_age: 2d }
  - name: query
    sql: |
      with odd as (select * from {{ this }} where amount < 0) -- a comment;
      select * from odd -- and another
`;

const sqlite = new DatabaseSync(":memory:");
const duckdb = await openDuckDb({ threads: 1 });
afterAll(async () => {
  sqlite.close();
  await duckdb.close();
});
const ENGINES: Record<string, { query: RunQuery; run(sql: string): Promise<void> }> = {
  SQLite: {
    query: async (sql) => ({
      rows: sqlite.prepare(sql, { returnArrays: true }).all() as unknown as unknown[][],
    }),
    run: async (sql) => sqlite.exec(sql),
  },
  DuckDB: { query: async (sql) => ({ rows: await duckdb.all(sql) }), run: (sql) => duckdb.run(sql) },
};

interface Row {
  id: string | null;
  kind: string | null;
  amount: number;
  day: string;
}

/** What each check should count, the simple way. */
function expected(rows: readonly Row[]): Record<string, number> {
  const values = (column: "id" | "kind") => rows.flatMap((row) => (row[column] ? [row[column]] : []));
  const newest = rows
    .map(({ day }) => day)
    .sort()
    .at(-1);
  return {
    not_null_id: rows.filter(({ id }) => !id).length,
    unique_id: [...Map.groupBy(values("id"), (id) => id)].filter(([, same]) => same.length > 1).length,
    accepted_values_kind: values("kind").filter((kind) => !["a", "b'c", "7"].includes(kind)).length,
    relationships_kind: values("kind").filter((kind) => !["a", "z"].includes(kind)).length,
    row_count: rows.length >= 1 && rows.length <= 3 ? 0 : 1,
    freshness_day: newest !== undefined && newest >= "2026-03-08" ? 0 : 1,
    query: rows.filter(({ amount }) => amount < 0).length,
  };
}

const literal = (value: string | number | null): string =>
  value === null ? "NULL" : typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;

async function fill(run: (sql: string) => Promise<void>, rows: readonly Row[]): Promise<void> {
  await run("DROP TABLE IF EXISTS things; DROP TABLE IF EXISTS kinds;");
  await run("CREATE TABLE kinds (kind TEXT); INSERT INTO kinds VALUES ('a'), ('z'), (NULL);");
  await run("CREATE TABLE things (id TEXT, kind TEXT, amount BIGINT, day TEXT);");
  for (const { id, kind, amount, day } of rows)
    await run(`INSERT INTO things VALUES (${[id, kind, amount, day].map(literal).join(", ")});`);
}

const anyRow: fc.Arbitrary<Row> = fc.record({
  id: fc.constantFrom("1", "2", "", null),
  kind: fc.constantFrom("a", "b'c", "7", "z", "", null),
  amount: fc.integer({ min: -1, max: 1 }),
  day: fc.constantFrom("2026-03-01", "2026-03-07", "2026-03-08"),
});

describe.each(Object.entries(ENGINES))("checks on %s", (_, { query, run }) => {
  const checks = parseChecks(EVERY_KIND, "things.yml");
  const failing = async (model: CheckedModel, some: readonly Check[] = checks) => {
    const results = await runChecks(model, some, { query, now: NOW });
    return Object.fromEntries(results.map((result) => [result.check, result.failing ?? result.status]));
  };

  test("count what a naive computation counts, on a table and on a query's rows", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { maxLength: 5 }), async (rows) => {
        await fill(run, rows);
        expect(await failing({ model: "things", layer: "silver" })).toEqual(expected(rows));
        // A model may have the name of a table that it is made of.
        const sql = "select * from things where amount <= 0; -- most of them";
        expect(await failing({ model: "things", layer: "gold", sql })).toEqual(
          expected(rows.filter(({ amount }) => amount <= 0)),
        );
      }),
      { numRuns: 25 },
    );
  });

  test("one that cannot be run is broken, and the others are run", async () => {
    await fill(run, [{ id: "1", kind: "a", amount: 1, day: "2026-03-10" }]);
    const broken = parseChecks("tests: [{name: typo, sql: selec 1}]", "x.yml");
    expect(await failing({ model: "things", layer: "silver" }, [...broken, ...checks])).toMatchObject({
      typo: "broken",
      not_null_id: 0,
      row_count: 0,
    });
  });
});

describe("a file of checks", () => {
  test("may write them in dbt's older and newer forms", () => {
    const forms = [
      "columns: [{name: a, tests: [accepted_values: {values: [x], severity: warn}]}]",
      "columns: [{name: a, data_tests: [accepted_values: {arguments: {values: [x]}, config: {severity: WARN}}]}]",
      "version: 2\ncolumns:\n  - name: a\n    data_tests:\n      - accepted_values:\n          values: [x]\n        severity: warn",
    ];
    const [first, ...others] = forms.map((text) => parseChecks(text, "m.yml"));
    expect(first).toEqual([
      {
        name: "accepted_values_a",
        severity: "warn",
        test: { kind: "accepted_values", column: "a", values: ["x"] },
      },
    ]);
    for (const other of others) expect(other).toEqual(first);
    expect(parseChecks("", "m.yml")).toEqual([]);
  });

  test.each([
    ["columns: [{name: a, tests: [row_count: {min: 1}]}]", 'tests of column a: "row_count" is none of'],
    ["tests: [not_null]", '"not_null" is none of row_count'],
    ["tests: [row_count: {}]", "row_count has neither min nor max"],
    ["tests: [row_count: {min: -1}]", 'a bound of row_count is "-1"'],
    ["tests: [row_count: {least: 1}]", 'row_count has "least"; allowed: min, max'],
    ["tests: [sql: select 1]", "a query needs a name"],
    ["tests: [{name: x, sql: 7}]", "sql is no text"],
    ["tests: [freshness: {column: a, max_age: long}]", "max_age of freshness is not a duration"],
    ["columns: [{name: 'a b', tests: [unique]}]", 'the name of a column is "a b"'],
    ["columns: [{name: a, tests: [unique, unique]}]", "two checks are called unique_a"],
    ["columns: {a: 1}", "columns is no list"],
    ["model: x", 'the file has "model"'],
    ["- a", "the file is no map"],
    ["columns:\n  - name: a\n   tests: []", "line 3"],
  ])("%j says what is wrong", (text, message) => {
    expect(() => parseChecks(text, "m.yml")).toThrow(
      expect.objectContaining({ code: "check_failed", message: expect.stringContaining(message) }),
    );
    expect(() => parseChecks(text, "m.yml")).toThrow("m.yml");
  });
});
