import { once } from "node:events";
import type { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import type { QueryResult, SqlValue } from "../warehouse.ts";

/** What a query's thread answers. Errors lose their own fields between threads. */
export type QueryAnswer =
  | { result: QueryResult }
  | { failure: { message: string; errcode: number | undefined } };

/** @throws what SQLite says */
export function queryRows(database: DatabaseSync, sql: string): QueryResult {
  const statement = database.prepare(sql, { readBigInts: true, returnArrays: true });
  const columns = statement.columns().map(({ name }) => name);
  const rows = statement.all() as unknown as (SqlValue | Uint8Array)[][];
  return { columns, rows: rows.map((row) => row.map(withoutBytes)) };
}

/** The same in a thread of its own, on a connection of its own. @throws what SQLite says */
export async function queryRowsAside(file: string, sql: string): Promise<QueryResult> {
  const thread = new Worker(new URL("./query-thread.ts", import.meta.url), { workerData: { file, sql } });
  try {
    const [answer] = (await once(thread, "message")) as [QueryAnswer];
    if ("result" in answer) return answer.result;
    const { message, errcode } = answer.failure;
    throw Object.assign(new Error(message), { errcode });
  } finally {
    await thread.terminate();
  }
}

function withoutBytes(value: SqlValue | Uint8Array): SqlValue {
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : value;
}
