import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import Papa from "papaparse";
import { describe, expect, it, onTestFinished } from "vitest";
import { naiveGold } from "./naive-gold.ts";
import { comparable, ingotWith, queriedKpis, query } from "./query-support.ts";
import { copyInto, type Lake, REPOSITORY, sharedLake, temporaryLake } from "./support.ts";

async function cleaned(prepare: (lake: Lake) => unknown): Promise<Lake> {
  const lake = temporaryLake();
  await prepare(lake);
  expect(await lake.ingot("clean --once")).toMatchObject({ code: 0 });
  return lake;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-result-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const SAMPLE = path.join(REPOSITORY, "e2e/sample");
const SAMPLE_GOLD = Object.fromEntries(
  readdirSync(path.join(SAMPLE, "expected/gold")).map((file) => [
    path.basename(file, ".csv"),
    readFileSync(path.join(SAMPLE, "expected/gold", file), "utf8"),
  ]),
);
const sampleLake = (): Promise<Lake> => cleaned((lake) => copyInto(lake, path.join(SAMPLE, "bronze")));
/** The sample shop with its gold, for what only asks. */
const sample = sharedLake(async (lake) => {
  copyInto(lake, path.join(SAMPLE, "bronze"));
  for (const command of ["clean --once", "aggregate --once"])
    expect(await lake.ingot(command)).toMatchObject({ code: 0 });
}, 30_000);
const kpisOf = (lake: Lake) => queriedKpis((sql) => query(lake, sql, "--format", "csv"));

describe("silver's tables", { timeout: 90_000 }, () => {
  it("give the KPIs of a naive computation from bronze: before compaction, after it, and with what came since", async () => {
    const lake = await cleaned((fresh) =>
      fresh.ingot("generate --ticks 8 --start 2026-01-01T20:00:00Z --seed 3 --rows 120 --faults 0.05"),
    );
    expect(await kpisOf(lake)).toEqual(comparable(naiveGold(lake.bronze)));
    const compacted = await lake.ingot("compact");
    expect(compacted).toMatchObject({ code: 0, stderr: "" });
    expect(compacted.stdout).toMatch(/6 days compacted, 0 were up to date/);
    expect(await kpisOf(lake)).toEqual(comparable(naiveGold(lake.bronze)));

    // Newer versions, stale ones, ties and a customer who moves, in old folders and in new ones.
    const [first] = JSON.parse(lake.read("bronze/orders/dt=2026-01-01/orders_20260101T210000.json"));
    const changed = (values: object) => JSON.stringify([{ ...first, ...values }]);
    const put = (key: string, text: string) => writeFileSync(path.join(lake.bronze, key), text);
    put(
      "orders/dt=2026-01-01/orders_20260101T235959.json",
      changed({ total_amount: 77.77, order_ts: "2026-02-01T00:00:00" }),
    );
    put(
      "orders/dt=2026-01-02/orders_20260102T235959.json",
      changed({ total_amount: 1, order_ts: "2020-02-01T00:00:00" }),
    );
    put("orders/orders_zz.json", changed({ total_amount: 88.88, order_ts: "2026-02-01T00:00:00" }));
    put(
      "customers/dt=2026-01-01/customers_zz.csv",
      `customer_id,first_name,last_name,email,country,signup_date\n${first.customer_id},A,B,a@example.com,Atlantis,2026-01-01\n`,
    );
    await lake.ingot("clean --once");
    const expected = comparable(naiveGold(lake.bronze));
    expect(expected.sales_by_day).toContain("2026-02-01,1,88.88");
    expect(await kpisOf(lake)).toEqual(expected);
    expect((await lake.ingot("compact")).stdout).toMatch(/3 days compacted, 3 were up to date/);
    expect(await kpisOf(lake)).toEqual(expected);
  });

  it("are those of the sample shop, worked out by hand", async () => {
    const lake = await sampleLake();
    expect(await kpisOf(lake)).toEqual(comparable(SAMPLE_GOLD));
    await lake.ingot("compact");
    expect(await kpisOf(lake)).toEqual(comparable(SAMPLE_GOLD));
  });

  it("leave cleaner, aggregator and status untouched by Parquet files beside them", async () => {
    const lake = await sampleLake();
    await lake.ingot("compact");
    for (const command of ["clean --once", "aggregate --once"]) {
      const { code, stderr } = await lake.ingot(command);
      expect([code, stderr.split("\n").filter((line) => line.includes("parquet"))]).toEqual([0, []]);
    }
    expect(lake.gold()).toEqual(SAMPLE_GOLD);
    expect(JSON.parse((await lake.ingot("status --json")).stdout)).toMatchObject({
      backlog: { bronze: 0, silver: 0 },
    });
  });
});

describe("gold's tables", { timeout: 90_000 }, () => {
  it("hold what the aggregator published, typed", async () => {
    const lake = sample;
    for (const [kpi, text] of Object.entries(lake.gold())) {
      const sql =
        kpi === "top_products"
          ? "SELECT * REPLACE (quantity::DOUBLE AS quantity) FROM top_products"
          : `FROM ${kpi}`;
      expect((await query(lake, sql, "--format", "csv")).stdout, kpi).toBe(text);
    }
    const { stdout } = await query(
      lake,
      "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'sales_by_day' AND schema_name = 'gold'",
      "--format",
      "csv",
    );
    expect(stdout).toBe('column_name,data_type\norder_date,DATE\norders,BIGINT\nrevenue,"DECIMAL(38,2)"\n');
  });
});

describe("results", { timeout: 60_000 }, () => {
  const sql =
    "SELECT order_id, quantity, total_amount, order_ts, 9007199254740993 AS big, 'say \"hi\",' || chr(10) || 'you' AS text, NULL AS nothing FROM orders ORDER BY order_id";

  it("as CSV come back from a CSV reader value for value", async () => {
    const lake = sample;
    const { stdout, code } = await query(lake, sql, "--format", "csv");
    const { data, errors } = Papa.parse<Record<string, string>>(stdout, {
      header: true,
      skipEmptyLines: true,
    });
    expect([code, errors]).toEqual([0, []]);
    expect(data.length).toBeGreaterThan(3);
    expect(data[0]).toMatchObject({ big: "9007199254740993", text: 'say "hi",\nyou', nothing: "" });
  });

  it("as JSON keep every digit", async () => {
    const lake = sample;
    const { stdout } = await query(lake, sql, "--format", "json");
    expect(JSON.parse(stdout).length).toBeGreaterThan(3);
    expect(stdout).toMatch(/"total_amount":\d+\.\d{4},"order_ts":"[\d-]+T[\d:.]+Z","big":9007199254740993,/);
    expect(stdout).toContain('"nothing":null');
    expect((await query(lake, "SELECT 1 AS a, 2 AS a WHERE false", "--format", "json")).stdout).toBe("[]\n");
    expect((await query(lake, "SELECT 1 AS a, 2 AS a, 'nan'::DOUBLE AS b", "--format", "json")).stdout).toBe(
      '[{"a":1,"a_2":2,"b":"NaN"}]\n',
    );
  });

  it("as Parquet keep their types, and can be asked again", async () => {
    const lake = sample;
    const file = path.join(temporaryFolder(), "result.parquet");
    expect(await query(lake, sql, "--format", "parquet", "--output", file)).toMatchObject({ code: 0 });
    const again = await query(lake, `SELECT * FROM '${file}' ORDER BY order_id`, "--format", "csv");
    expect(again.stdout).toBe((await query(lake, sql, "--format", "csv")).stdout);
    const { stdout } = await query(lake, `DESCRIBE FROM '${file}'`);
    expect(stdout).toMatch(/total_amount +DECIMAL\(18,4\)/);
    expect(stdout).toMatch(/order_ts +TIMESTAMP WITH TIME ZONE/);
  });

  it("go to a file whole, or not at all", async () => {
    const lake = sample;
    const file = path.join(temporaryFolder(), "result.csv");
    expect((await query(lake, "FROM range(3)", "--format", "csv", "--output", file)).code).toBe(0);
    expect(readFileSync(file, "utf8")).toBe("range\n0\n1\n2\n");
    const failed = await query(
      lake,
      "SELECT error('broken') FROM range(3)",
      "--format",
      "csv",
      "--output",
      file,
    );
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("broken") });
    expect(readFileSync(file, "utf8")).toBe("range\n0\n1\n2\n");
    const inside = await query(lake, "SELECT 1", "--output", path.join(lake.folder, "gold/latest/x.csv"));
    expect(inside).toMatchObject({ code: 2, stderr: expect.stringContaining("only read") });
  });

  it("of any size stream, and a reader may leave early", async () => {
    const lake = sample;
    const { stdout, code } = await query(lake, "SELECT range FROM range(300000)", "--format", "csv");
    expect([code, stdout.split("\n").length]).toEqual([0, 300_002]);
    const shown = await query(lake, "SELECT range FROM range(300000)", "--limit", "3");
    expect(shown.stdout).toMatch(/\n +2\n\(300,000 rows, the first 3 shown/);
  });

  it("come from a query on standard input", async () => {
    const lake = sample;
    const env = { LAKE_URL: lake.folder };
    const asked = await ingotWith(["query", "-", "--format", "csv"], {
      cwd: lake.folder,
      env,
      input: "-- why not\nSELECT 42 AS a;\n",
    });
    expect(asked).toMatchObject({ code: 0, stdout: "a\n42\n" });
  });
});

describe("mistakes", { timeout: 60_000 }, () => {
  it("are told so that they can be mended", async () => {
    const lake = sample;
    const told = async (...args: string[]) => {
      const { code, stderr, stdout } = await query(lake, ...args);
      return `${code} ${stderr}${stdout}`;
    };
    expect(await told("SELECT * FROM order_lines")).toMatch(
      /^1 error: Catalog Error[\s\S]*The lake's tables: customers, orders, clicks, silver\./,
    );
    expect(await told("SELECT totl FROM orders")).toMatch(/^1 error: Binder Error[\s\S]*LINE 1:/);
    expect(await told("DELETE FROM orders")).toMatch(/^1 error:/);
    expect(await told("COPY orders TO 'x.csv'")).toMatch(/^1 error: Only queries are run here/);
    expect(
      await told(
        "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5",
        "--timeout",
        "1",
      ),
    ).toMatch(/took longer than 1 s/);
    expect(await told("SELECT 1", "--format", "xlsx")).toMatch(
      /^2 error: --format is "xlsx". Allowed: table, csv, json, parquet/,
    );
    expect(await told("SELECT 1", "--format", "parquet")).toMatch(/^2 error: .*--output/);
    expect(await told("select", "1")).toMatch(/^2 error: Give one query, in quotes/);
    expect(lake.files(".").filter((file) => file.endsWith("x.csv"))).toEqual([]);
  });

  it("an empty lake says what to do", async () => {
    const lake = temporaryLake();
    expect(await query(lake, "SELECT * FROM orders")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("ingot clean --once"),
    });
  });
});
