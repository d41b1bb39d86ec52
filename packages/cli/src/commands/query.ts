import path from "node:path";
import { text as textOfStream } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type Command, type CommandContext, IngotError, lakeLocation, openLake } from "@ingot/common";
import { type Cell, type DuckDbSession, LocalObjects, openDuckDb, type QueryRows } from "@ingot/engine";
import type { LakeTables } from "@ingot/pipelines/tables";
import { positive } from "../flags.ts";
import { CACHE_BYTES, cacheFolder } from "../query/cache-folder.ts";
import { openTables } from "../query/open-tables.ts";
import { throughTemporary, writeToFile, writeToStdout } from "../query/output.ts";
import { csvText, jsonText } from "../query/result-text.ts";
import { textTable } from "../query/text-table.ts";

const FORMATS = ["table", "csv", "json", "parquet"] as const;
type Format = (typeof FORMATS)[number];

const SHOWN_ROWS = 100;

export const queryCommand: Command = {
  name: "query",
  summary: "Ask silver and gold anything, in SQL.",
  description: `Tables: orders, customers, clicks (silver; each order and each customer once, as gold counts them), silver.orders
and so on (every row, with the bronze_key that it comes from), and one for each KPI in gold, such as
sales_by_day. Amounts are exact decimals, instants are in UTC. The SQL is DuckDB's; files of your own can be
joined: FROM 'targets.csv'. \`ingot query "show tables"\` and \`ingot query "describe orders"\` tell more.
Other pipelines' tables have the pipeline before them: sme_sales.sales, sme_sales.total_revenue (\`show all
tables\`): what is published, else what is in silver.

The lake is only read. From an S3 store the objects of the tables in the query are fetched once and kept in
your cache folder. Days that \`ingot compact\` has been over are read from Parquet, the others from CSV: the
rows are the same.`,
  positionals: '"<SQL>"',
  flags: {
    format: { value: "FORMAT", help: "table (default), csv, json or parquet" },
    output: { value: "FILE", help: "write to this file instead of the terminal; parquet needs it" },
    limit: { value: "ROWS", help: `rows of a table that are shown (default: ${SHOWN_ROWS})` },
    timeout: { value: "SECONDS", help: "stop a query that takes longer" },
  },
  options: ["lakeUrl", "bucketPrefix", "silverBucket", "goldBucket", "s3Endpoint"],
  examples: [
    'ingot query "select channel, sum(total_amount) from orders group by channel"',
    'ingot query "from sales_by_day" --format csv',
    "ingot query \"from orders where order_date >= '2026-03-01'\" --format parquet --output march.parquet",
    'ingot query "from sme_sales.sales_by_city"',
    "ingot query - < report.sql",
  ],
  run: query,
};

interface Request {
  sql: string;
  format: Format;
  output: string | undefined;
  shownRows: number;
  timeoutMs: number | undefined;
}

async function query(context: CommandContext): Promise<void> {
  const request = await readRequest(context);
  const { settings, signal } = context;
  const location = lakeLocation(settings);
  if (request.output !== undefined) checkOutput(request.output, location.url);
  const [lake, session] = await Promise.all([openLake(location), openDuckDb()]);
  try {
    const isFolder = location.url.protocol === "file:";
    const fallback = path.join(session.folder, "objects");
    const objects = new LocalObjects(isFolder ? fallback : await cacheFolder(fallback));
    const tables = await openTables(lake, session, objects, context, request.sql);
    if (!tables.hasData) throw emptyLake(lake.url);
    const limits = { signal, timeoutMs: request.timeoutMs };
    try {
      await answer(session, request, limits, context);
    } catch (error) {
      throw await withTables(error, tables);
    }
    if (!isFolder) await objects.trim(CACHE_BYTES);
  } finally {
    await session.close();
    await lake.close();
  }
}

async function readRequest({ flags, positionals }: CommandContext): Promise<Request> {
  const [given, ...more] = positionals;
  if (given === undefined || more.length > 0) {
    throw new IngotError("usage", 'Give one query, in quotes: ingot query "select count(*) from orders"');
  }
  const format = flags.format ?? "table";
  if (!isFormat(format)) {
    throw new IngotError("usage", `--format is "${format}". Allowed: ${FORMATS.join(", ")}.`);
  }
  const output = typeof flags.output === "string" ? path.resolve(flags.output) : undefined;
  if (format === "parquet" && output === undefined) {
    throw new IngotError("usage", "--format parquet needs a file: --output result.parquet");
  }
  const sql = given === "-" ? await textOfStream(process.stdin) : given;
  if (sql.trim() === "") throw new IngotError("usage", "The query is empty.");
  return {
    sql,
    format,
    output,
    shownRows: positive(flags.limit, "limit") ?? SHOWN_ROWS,
    timeoutMs: toMilliseconds(positive(flags.timeout, "timeout")),
  };
}

const isFormat = (value: unknown): value is Format => FORMATS.some((format) => format === value);
const toMilliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);

/** @throws IngotError `usage` for a file that would lie among the lake's own */
function checkOutput(file: string, lake: URL): void {
  if (lake.protocol !== "file:") return;
  const relative = path.relative(fileURLToPath(lake), file);
  if (relative.startsWith("..") || path.isAbsolute(relative)) return;
  throw new IngotError(
    "usage",
    `--output ${file} lies in the lake, which is only read. Choose another folder.`,
  );
}

async function answer(
  session: DuckDbSession,
  { sql, format, output, shownRows }: Request,
  limits: { signal: AbortSignal; timeoutMs: number | undefined },
  { print }: CommandContext,
): Promise<void> {
  if (format === "parquet") {
    const rows = await throughTemporary(output!, (file) => session.exportReadOnly(sql, file, limits));
    print(`${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"} -> ${output}`);
    return;
  }
  const result = await session.queryReadOnly(sql, limits);
  const text =
    format === "csv"
      ? csvText(result)
      : format === "json"
        ? jsonText(result)
        : tableText(result, shownRows, output);
  await (output === undefined ? writeToStdout(text) : writeToFile(output, text));
}

async function* tableText(
  { columns, batches }: QueryRows,
  shownRows: number,
  output: string | undefined,
): AsyncGenerator<string> {
  const rows: Cell[][] = [];
  let total = 0;
  for await (const batch of batches) {
    rows.push(...batch.slice(0, shownRows - rows.length));
    total += batch.length;
  }
  const width = output === undefined && process.stdout.isTTY ? process.stdout.columns : undefined;
  yield `${textTable({ columns, rows, total, width })}\n`;
}

function emptyLake(url: string): IngotError {
  const text =
    `There is nothing to query in the lake ${url} yet. Put files into it (\`ingot import\`, \`ingot up\`) and clean them ` +
    "(`ingot clean --once`), or name another lake with --lake.";
  return new IngotError("object_missing", text);
}

/** A wrong table's name is the most frequent mistake: the right ones are worth saying. */
async function withTables(error: unknown, { names }: LakeTables): Promise<unknown> {
  if (!(error instanceof IngotError) || !/^Catalog Error: Table/.test(error.message)) return error;
  return new IngotError(error.code, `${error.message}\nThe lake's tables: ${(await names()).join(", ")}`, {
    cause: error,
    context: error.context,
  });
}
