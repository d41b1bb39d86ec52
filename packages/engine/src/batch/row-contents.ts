import type { DuckDbSession } from "../duckdb/duckdb.ts";
import { sqlName } from "../duckdb/sql-text.ts";
import { WHOLE } from "./places.ts";

/** What tells a table's rows from others, whatever their order. */
export interface RowContent {
  content: string;
  rows: number;
}

/**
 * The content of a table, or of each of its days; nothing for a day without rows.
 *
 * @param day the column with the day; absent for the content as a whole
 */
export async function contentOf(
  session: DuckDbSession,
  table: string,
  columns: readonly string[],
  day: string | undefined,
): Promise<Map<string, RowContent>> {
  const hash = `hash(${columns.map(sqlName).join(", ")})`;
  const part = day === undefined ? `'${WHOLE}'` : `CAST(${sqlName(day)} AS VARCHAR)`;
  const grouping = day === undefined ? "" : "GROUP BY ALL";
  const found = await session.all(
    `SELECT ${part}, count(*), bit_xor(${hash}), sum(${hash}) FROM ${sqlName(table)} ${grouping}`,
  );
  return new Map(
    found.map(([name, rows, ...sums]) => [
      name!,
      { rows: Number(rows), content: `${rows}-${sums.join("-")}` },
    ]),
  );
}
