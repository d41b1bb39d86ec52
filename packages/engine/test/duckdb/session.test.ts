import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { type DuckDbOptions, type DuckDbSession, openDuckDb } from "../../src/index.ts";

async function opened(options?: DuckDbOptions): Promise<DuckDbSession> {
  const session = await openDuckDb(options);
  onTestFinished(() => session.close());
  return session;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-duckdb-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no failure",
    (error: unknown) => error,
  );

describe("values", () => {
  test.each([
    ["9223372036854775807", "9223372036854775807", "number"],
    ["170141183460469231731687303715884105727::HUGEINT", "170141183460469231731687303715884105727", "number"],
    ["12345678901234.5678::DECIMAL(18,4)", "12345678901234.5678", "number"],
    ["-0.0001::DECIMAL(38,4)", "-0.0001", "number"],
    ["0.1 + 0.2::DOUBLE", "0.30000000000000004", "number"],
    ["0.1::FLOAT", "0.1", "number"],
    ["'nan'::DOUBLE", "NaN", "number"],
    ["true", "true", "boolean"],
    ["DATE '0001-01-01'", "0001-01-01", "text"],
    ["TIMESTAMPTZ '2026-03-01 12:00:00.000001+02'", "2026-03-01T10:00:00.000001Z", "text"],
    ["TIMESTAMPTZ '1969-12-31 23:59:59.5Z'", "1969-12-31T23:59:59.5Z", "text"],
    ["TIMESTAMPTZ '0001-01-01 00:00:00Z'", "0001-01-01T00:00:00Z", "text"],
    ["TIMESTAMP '2026-03-01 12:00:00'", "2026-03-01T12:00:00", "text"],
    ["TIMESTAMP_S '2026-03-01 12:00:00'", "2026-03-01T12:00:00", "text"],
    ["TIMESTAMP_MS '2026-03-01 12:00:00.25'", "2026-03-01T12:00:00.25", "text"],
    ["TIMESTAMP_NS '2026-03-01 12:00:00.123456789'", "2026-03-01T12:00:00.123456789", "text"],
    ["'infinity'::TIMESTAMPTZ", "infinity", "text"],
    ["INTERVAL 36 HOUR", "36:00:00", "text"],
    ["'a''b \u{1F600}'", "a'b \u{1F600}", "text"],
    ["NULL::VARCHAR", null, "text"],
    ["[1, NULL, 9223372036854775807]", "[1,null,9223372036854775807]", "json"],
    ["{a: 1.50, b: 'x\"', c: DATE '2026-01-01'}", '{"a":1.50,"b":"x\\"","c":"2026-01-01"}', "json"],
    ["MAP {'k': [true]}", '{"k":[true]}', "json"],
    ["'{\"a\": 1}'::JSON", '{"a": 1}', "json"],
  ])("%s leaves as exact text", async (sql, text, kind) => {
    const session = await opened();
    const { columns, batches } = await session.query(`SELECT ${sql} AS value`);
    expect(columns).toMatchObject([{ name: "value", kind }]);
    const rows: unknown[] = [];
    for await (const batch of batches) rows.push(...batch);
    expect(rows).toEqual([[text]]);
  });

  test("rows stream: the first are there before the last are made", async () => {
    const session = await opened();
    const { batches } = await session.query("SELECT range FROM range(1000000000000)");
    let rows = 0;
    for await (const batch of batches) {
      rows += batch.length;
      if (rows > 10_000) break;
    }
    expect(rows).toBeLessThan(20_000);
    expect(await session.all("SELECT 1")).toEqual([["1"]]);
  });
});

describe("failures", () => {
  test("a wrong query is told with DuckDB's words and the line", async () => {
    const session = await opened();
    expect(await failure(session.all("SELECT 1,\n  nothing FROM range(1)"))).toMatchObject({
      code: "query_failed",
      context: { line: 2 },
      message: expect.stringMatching(/Referenced column "nothing" not found[\s\S]*LINE 2:/),
    });
    expect(await failure(session.all("SELEC 1"))).toMatchObject({
      code: "query_failed",
      message: expect.stringMatching(/^Parser Error: syntax error at or near "SELEC"/),
    });
  });

  test("a query that takes too long is stopped, and the next one runs", async () => {
    const session = await opened();
    const slow = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3";
    const start = performance.now();
    expect(await failure(session.all(slow, { timeoutMs: 200 }))).toMatchObject({
      code: "query_failed",
      message: "The query was stopped: it took longer than 0.2 s.",
    });
    expect(performance.now() - start).toBeLessThan(5_000);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    expect(await failure(session.all(slow, { signal: stop.signal }))).toMatchObject({
      message: "The query was stopped before its end.",
    });
    expect(await failure(session.all("SELECT 1", { signal: stop.signal }))).toMatchObject({
      message: "The query was stopped before its end.",
    });
    expect(await session.all("SELECT 2")).toEqual([["2"]]);
  });

  test("what does not fit into memory goes to disk, and is gone afterwards", async () => {
    const session = await openDuckDb({ memoryBytes: 64 * 1024 * 1024, threads: 1 });
    const rows = await session.all(
      "SELECT count(*), max(n) FROM (SELECT row_number() OVER (ORDER BY hash(range)) AS n, repeat('x', 50) FROM range(3000000))",
    );
    expect(rows).toEqual([["3000000", "3000000"]]);
    await session.close();
    expect(existsSync(session.folder)).toBe(false);
  });
});

describe("read-only queries", () => {
  test.each([
    "COPY (SELECT 1) TO 'FILE'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO 'FILE'",
    "/* */ EXPLAIN ANALYZE COPY (SELECT 1) TO 'FILE'",
    "SELECT 1; COPY (SELECT 1) TO 'FILE'",
    "CREATE TABLE a AS SELECT 1; EXPLAIN ANALYZE COPY a TO 'FILE'",
    "ATTACH 'FILE'",
    "EXPORT DATABASE 'FILE'",
    "export/* */ database 'FILE'",
    "SET threads = 1",
    "SET temp_directory = 'FILE'",
    "PRAGMA enable_profiling = 'json'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CREATE TABLE a (b INTEGER)",
    "DROP VIEW kept",
    "CALL enable_logging(storage = 'file', storage_path = 'FILE')",
    "CREATE PERSISTENT SECRET s (TYPE s3); SELECT 1",
    "CHECKPOINT",
    "VACUUM",
  ])("%s is refused, and nothing is written", async (sql) => {
    const session = await opened();
    await session.run("CREATE VIEW kept AS SELECT 1");
    const folder = temporaryFolder();
    const given = sql.replace("FILE", path.join(folder, "x"));
    expect(await failure(session.queryReadOnly(given))).toMatchObject({ code: "query_failed" });
    expect(readdirSync(folder)).toEqual([]);
    expect(await session.all("FROM kept")).toEqual([["1"]]);
  });

  test.each([
    ["WITH a AS (SELECT 1) FROM a", [["1"]]],
    ["SELECT 1; -- and no more", [["1"]]],
    ["VALUES (1), (2)", [["1"], ["2"]]],
    ["PIVOT (SELECT 'x' AS k, 1 AS v) ON k USING sum(v)", [["1"]]],
    ["CREATE TEMP TABLE t AS SELECT 5 AS a; FROM t", [["5"]]],
    ["SELECT * FROM query('SELECT 6')", [["6"]]],
  ])("%s is run", async (sql, rows) => {
    const session = await opened();
    const found: unknown[] = [];
    for await (const batch of (await session.queryReadOnly(sql)).batches) found.push(...batch);
    expect(found).toEqual(rows);
  });

  test("a plan is shown, and a table described", async () => {
    const session = await opened();
    for (const sql of ["EXPLAIN SELECT 1", "explain analyze select 1", "DESCRIBE SELECT 1", "SHOW TABLES"]) {
      await expect(session.queryReadOnly(sql), sql).resolves.toBeDefined();
    }
  });

  test("a result becomes a Parquet file with its types", async () => {
    const session = await opened();
    const file = path.join(temporaryFolder(), "it's.parquet");
    const sql = "SELECT range AS a, 1.50::DECIMAL(18,4) AS b FROM range(3) ORDER BY a DESC; -- as asked";
    expect(await session.exportReadOnly(sql, file)).toBe(3);
    const again = await opened();
    const name = file.replaceAll("'", "''");
    expect(await again.all(`SELECT a, b, typeof(b) FROM '${name}'`)).toEqual([
      ["2", "1.5000", "DECIMAL(18,4)"],
      ["1", "1.5000", "DECIMAL(18,4)"],
      ["0", "1.5000", "DECIMAL(18,4)"],
    ]);
    expect(await again.exportReadOnly("PIVOT (SELECT 'x' AS k, 1 AS v) ON k USING sum(v)", file)).toBe(1);
    const third = await opened();
    expect(await failure(third.exportReadOnly("SELECT 1; SELECT 2", file))).toMatchObject({
      message: expect.stringContaining("give one query"),
    });
  });
});

test("folders of processes that were killed long ago are removed, those of running ones are not", async () => {
  const long = new Date(Date.now() - 25 * 60 * 60_000);
  const folders = [`99999999-x`, `${process.pid}-x`].map((name) =>
    path.join(tmpdir(), `ingot-duckdb-${name}`),
  );
  onTestFinished(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  for (const folder of folders) {
    mkdirSync(path.join(folder, "spill"), { recursive: true });
    utimesSync(folder, long, long);
  }
  await opened();
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, true]);
});

test("DuckDB is not loaded before a session is opened", () => {
  const engine = fileURLToPath(new URL("../../src/index.ts", import.meta.url));
  const script = `await import(${JSON.stringify(engine)});
    console.log(process.report.getReport().sharedObjects.filter((name) => name.includes("duckdb")).length)`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  expect(output.trim()).toBe("0");
});
