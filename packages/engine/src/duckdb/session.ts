import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  StatementType,
} from "@duckdb/node-api";
import { IngotError } from "@ingot/common";
import type { Cell, DuckDbOptions, DuckDbSession, QueryLimits, QueryRows } from "./duckdb.ts";
import { duckDbError } from "./duckdb-error.ts";
import { sqlName, sqlText } from "./sql-text.ts";
import { cellPrinter, kindOf } from "./values.ts";
import { Watch } from "./watch.ts";

/** EXPLAIN ANALYZE runs what follows it, whatever that is. */
const HARMLESS_EXPLAIN =
  /^\s*explain\s+(?:analyze\s+)?(?:select|with|from|values|table|describe|summarize|\()/i;

/** EXPORT makes its folder while it is being prepared. */
const EXPORT = /\bexport(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)+database\b/i;

/** Where a result lies before it becomes a file. */
const EXPORT_TABLE = "ingot_export";
/** PIVOT becomes several statements: a type, the table, a transaction around them. */
const EXPORT_STATEMENTS: readonly StatementType[] = [StatementType.CREATE, StatementType.TRANSACTION];

const FOLDER = "ingot-duckdb-";
const LEFTOVER_MS = 24 * 60 * 60_000;

export class Session implements DuckDbSession {
  readonly folder: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  #isLocked = false;

  private constructor(folder: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.folder = folder;
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open({ memoryBytes, threads }: DuckDbOptions): Promise<Session> {
    await removeLeftovers();
    const folder = await mkdtemp(path.join(tmpdir(), `${FOLDER}${process.pid}-`));
    try {
      const instance = await DuckDBInstance.create(":memory:", {
        temp_directory: path.join(folder, "spill"),
        // Nothing comes over the network, and nothing is kept in the user's home.
        autoinstall_known_extensions: "false",
        autoload_known_extensions: "false",
        allow_persistent_secrets: "false",
        ...(memoryBytes === undefined ? {} : { memory_limit: `${memoryBytes}B` }),
        ...(threads === undefined ? {} : { threads: String(threads) }),
      });
      const connection = await instance.connect();
      await connection.run("SET TimeZone = 'UTC'");
      return new Session(folder, instance, connection);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw duckDbError(error);
    }
  }

  async run(sql: string, limits: QueryLimits = {}): Promise<void> {
    const watch = this.#watch(limits);
    try {
      await watch.guard(() => this.#connection.run(sql));
    } finally {
      watch.end();
    }
  }

  async all(sql: string, limits?: QueryLimits): Promise<Cell[][]> {
    const rows: Cell[][] = [];
    for await (const batch of (await this.query(sql, limits)).batches) rows.push(...batch);
    return rows;
  }

  query(sql: string, limits: QueryLimits = {}): Promise<QueryRows> {
    return this.#stream(limits, () => this.#connection.stream(sql));
  }

  async queryReadOnly(sql: string, limits: QueryLimits = {}): Promise<QueryRows> {
    return this.#stream(limits, async () => {
      await this.#lock();
      const statement = await this.#lastReadOnly(sql);
      try {
        return await statement.stream();
      } finally {
        statement.destroySync();
      }
    });
  }

  async exportReadOnly(sql: string, file: string, limits: QueryLimits = {}): Promise<number> {
    const watch = this.#watch(limits);
    try {
      return await watch.guard(async () => {
        await this.#lock();
        (await this.#lastReadOnly(sql)).destroySync();
        // A table, because a view takes no PIVOT; what does not fit into memory goes to the folder.
        const create = `CREATE TEMP TABLE ${sqlName(EXPORT_TABLE)} AS ${sql}`;
        const statements = await this.#connection.extractStatements(create);
        for (let at = 0; at < statements.count; at += 1) {
          const statement = await statements.prepare(at);
          if (!EXPORT_STATEMENTS.includes(statement.statementType)) {
            throw refused("For Parquet give one query: the others would be lost.");
          }
          await statement.run();
        }
        await this.#connection.run(
          `COPY ${sqlName(EXPORT_TABLE)} TO ${sqlText(file)} (FORMAT parquet, COMPRESSION zstd)`,
        );
        const counted = await this.#connection.runAndReadAll(`SELECT count(*) FROM ${sqlName(EXPORT_TABLE)}`);
        return Number(counted.getRows()[0]?.[0]);
      });
    } finally {
      watch.end();
    }
  }

  async close(): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #lock(): Promise<void> {
    if (!this.#isLocked) await this.#connection.run("SET lock_configuration = true");
    this.#isLocked = true;
  }

  /** Runs all statements but the last, and prepares that. @throws IngotError `query_failed` for one that writes */
  async #lastReadOnly(sql: string): Promise<DuckDBPreparedStatement> {
    if (EXPORT.test(sql)) throw onlyQueries();
    const statements = await this.#connection.extractStatements(sql);
    for (let at = 0; ; at += 1) {
      const statement = await statements.prepare(at);
      try {
        const isLast = at === statements.count - 1;
        checkReadOnly(statement.statementType, isLast, sql, statements.count);
        if (isLast) return statement;
        await statement.run();
      } catch (error) {
        statement.destroySync();
        throw error;
      }
      statement.destroySync();
    }
  }

  async #stream(limits: QueryLimits, start: () => Promise<DuckDBResult>): Promise<QueryRows> {
    const watch = this.#watch(limits);
    try {
      const result = await watch.guard(start);
      const columns = result.columnTypes().map((type, index) => {
        const { alias } = result.columnLogicalType(index);
        const isJson = alias === "JSON";
        return {
          name: result.columnName(index),
          type: alias ?? type.toString(),
          kind: isJson ? ("json" as const) : kindOf(type),
          print: cellPrinter(type),
        };
      });
      const batches = (async function* () {
        try {
          for (;;) {
            const chunk = await watch.guard(() => result.fetchChunk());
            if (chunk === null || chunk.rowCount === 0) return;
            yield chunk.getRows().map((row) => row.map((value, index) => columns[index]!.print(value)));
          }
        } finally {
          watch.end();
        }
      })();
      return { columns: columns.map(({ print, ...column }) => column), batches };
    } catch (error) {
      watch.end();
      throw error;
    }
  }

  /** Interrupts the connection when the signal or the time says so. */
  #watch({ signal, timeoutMs }: QueryLimits): Watch {
    return new Watch(() => this.#connection.interrupt(), signal, timeoutMs);
  }
}

/** Removes the folders of processes that were killed: long ago, because a container's processes have numbers of their own. */
async function removeLeftovers(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names.filter((candidate) => candidate.startsWith(FOLDER))) {
    const folder = path.join(tmpdir(), name);
    const info = await stat(folder).catch(() => undefined);
    if (!info || Date.now() - info.mtimeMs < LEFTOVER_MS) continue;
    const pid = Number.parseInt(name.slice(FOLDER.length), 10);
    if (!isRunning(pid)) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function checkReadOnly(type: StatementType, isLast: boolean, sql: string, count: number): void {
  if (type === StatementType.SELECT) return;
  if (type === StatementType.CREATE && !isLast) return;
  if (type === StatementType.EXPLAIN && count === 1 && HARMLESS_EXPLAIN.test(sql)) return;
  throw onlyQueries();
}

const onlyQueries = (): IngotError =>
  refused(
    "Only queries are run here (SELECT, FROM, WITH, PIVOT, DESCRIBE, SUMMARIZE, SHOW TABLES, EXPLAIN): the lake is not " +
      "written to. To keep a result, use --format with csv, json or parquet.",
  );

const refused = (message: string): IngotError => new IngotError("query_failed", message);
