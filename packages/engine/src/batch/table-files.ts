import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { csvLine } from "../csv-writer.ts";
import { sqlName, sqlText } from "../duckdb/sql-text.ts";
import type { Deliverable } from "./deliverable.ts";

export interface TableFileOptions {
  /** The file's name without its ending; the table's where it is absent. */
  name?: string;
  /** The query that makes its rows; all rows of the table, in their order, where it is absent. */
  sql?: string;
}

/** A table as CSV, as gold has it: RFC 4180, commas, `\n`, a header; numbers with all their digits. */
export function csvFile(
  table: string,
  { name = table, sql = rowsOf(table) }: TableFileOptions = {},
): Deliverable {
  return {
    file: `${name}.csv`,
    from: [table],
    contentType: "text/csv; charset=utf-8",
    write: async ({ path, query }) => {
      const { columns, batches } = await query(sql);
      let rows = 0;
      const lines = async function* () {
        yield csvLine(columns.map((column) => column.name));
        for await (const batch of batches) {
          rows += batch.length;
          yield batch.map((row) => csvLine(row.map((value) => value ?? ""))).join("");
        }
      };
      await pipeline(Readable.from(lines()), createWriteStream(path));
      return { rows };
    },
  };
}

/** A table as Parquet, compressed with zstd. */
export function parquetFile(
  table: string,
  { name = table, sql = rowsOf(table) }: TableFileOptions = {},
): Deliverable {
  return {
    file: `${name}.parquet`,
    from: [table],
    contentType: "application/vnd.apache.parquet",
    write: async ({ path, run, query }) => {
      await run(`COPY (${sql}) TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd)`);
      const { batches } = await query(`SELECT count(*) FROM read_parquet(${sqlText(path)})`);
      const [[rows]] = (await Array.fromAsync(batches)).flat() as [[string]];
      return { rows: Number(rows) };
    },
  };
}

const rowsOf = (table: string): string => `SELECT * FROM ${sqlName(table)}`;
