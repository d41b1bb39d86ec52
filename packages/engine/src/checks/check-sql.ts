import { sqlName, sqlText } from "../duckdb/sql-text.ts";
import type { Test } from "./check.ts";

/*
 * Tests as portable SQL: what SQLite, DuckDB and ClickHouse understand alike.
 */

/** A test that asks each row alone, and so can be counted along as rows come and go. */
export type RowTest = Extract<Test, { kind: "not_null" | "accepted_values" }>;

export function isRowTest(test: Test): test is RowTest {
  return test.kind === "not_null" || test.kind === "accepted_values";
}

/** The condition that holds for rows that fail. */
export function failingRows(test: RowTest): string {
  const column = sqlName(test.column);
  if (test.kind === "not_null") return `${column} is null or cast(${column} as text) = ''`;
  const values = ["", ...test.values].map(sqlText).join(", ");
  return `${column} is not null and cast(${column} as text) not in (${values})`;
}

/**
 * The query that a person would run to see what a test found.
 *
 * @param model the name that the rows have there
 */
export function queryOf(test: Test, model: string): string {
  const rows = sqlName(model);
  switch (test.kind) {
    case "not_null":
    case "accepted_values":
      return `select * from ${rows} where ${failingRows(test)}`;
    case "unique": {
      const column = sqlName(test.column);
      return `select ${column}, count(*) as rows from ${rows} where ${hasValue(column)} group by ${column} having count(*) > 1`;
    }
    case "relationships": {
      const [column, field, to] = [sqlName(test.column), sqlName(test.field), sqlName(test.to)];
      return `select * from ${rows} where ${hasValue(column)} and ${column} not in (select ${field} from ${to} where ${field} is not null)`;
    }
    case "row_count":
      return `select count(*) as rows from ${rows}`;
    case "freshness":
      return `select max(${sqlName(test.column)}) as newest from ${rows}`;
    case "sql":
      return withoutEnd(test.sql.replace(/\{\{\s*this\s*\}\}/g, rows));
  }
}

/** What a test needs to be judged, as a query of one value: failing rows, rows, or the newest date or instant. */
export function measureOf(test: Test, model: string): string {
  const query = queryOf(test, model);
  if (test.kind === "row_count" || test.kind === "freshness") return query;
  // The line's end closes a comment in which a free query may end.
  return `select count(*) as rows from (${query}\n) as failing`;
}

/** A statement without the semicolon at its end and the comments behind that, so that it can be a part of another. */
export function withoutEnd(sql: string): string {
  return sql.replace(/;(?:[\s;]|--[^\n']*(?:\n|$))*$/, "").trimEnd();
}

const hasValue = (column: string): string => `${column} is not null and cast(${column} as text) <> ''`;
