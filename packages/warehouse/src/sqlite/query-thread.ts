import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { type QueryAnswer, queryRows } from "./query-rows.ts";

/** A thread of its own for one query that takes its time. */
const { file, sql } = workerData as { file: string; sql: string };

function answer(): QueryAnswer {
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    try {
      return { result: queryRows(database, sql) };
    } finally {
      database.close();
    }
  } catch (error) {
    const { message, errcode } = error as { message: string; errcode?: number };
    return { failure: { message, errcode } };
  }
}

parentPort!.postMessage(answer());
