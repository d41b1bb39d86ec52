import { rmSync } from "node:fs";
import { compareKeys, type ErrorCode } from "@ingot/common";
import type {
  IngestedObject,
  IngestReport,
  QueryResult,
  RebuildOptions,
  RowCondition,
  SilverObject,
  Warehouse,
} from "../warehouse.ts";
import { buildFile } from "./bulk/build-file.ts";
import { copyInto, replaceFile } from "./bulk/replace-file.ts";
import { type Connections, openConnections } from "./connections.ts";
import { ingestedBefore } from "./ingested-before.ts";
import { readRevision } from "./meta.ts";
import { ingestedRows, objectInserter, objectRow } from "./object-rows.ts";
import { openAhead } from "./open-ahead.ts";
import type { OpenOptions } from "./open-database.ts";
import { queryRows, queryRowsAside } from "./query-rows.ts";
import { toIngotError, withSqliteErrors } from "./sqlite-errors.ts";
import type { StagedObject } from "./staging.ts";
import { countQueries } from "./watched-rows.ts";

/** Tables of up to so many rows are counted in less time than a thread takes to start. */
const ROWS_COUNTED_AT_ONCE = 50_000;
/** So often a long history is counted aside before it is counted while everybody waits. */
const COUNTS_ASIDE = 3;

/** The embedded warehouse: one SQLite file. Several processes may use it at once. */
export class SqliteWarehouse implements Warehouse {
  readonly url: string;
  readonly #options: OpenOptions;
  /** Use `#open`: what was open may have had to be closed. */
  #connections: Connections;
  /** The last call that changes something or uses the staging tables; the next one waits for it. */
  #queue: Promise<unknown> = Promise.resolve();

  /**
   * Opens or creates the file.
   *
   * @throws IngotError `warehouse_invalid`, `warehouse_busy`
   */
  static open(options: Partial<OpenOptions> & Pick<OpenOptions, "file" | "lakeUrl">): SqliteWarehouse {
    const complete = { onWarning: () => undefined, now: () => new Date(), ...options };
    return withSqliteErrors(options.file, () => new SqliteWarehouse(complete), "warehouse_invalid");
  }

  private constructor(options: OpenOptions) {
    this.url = options.file;
    this.#options = options;
    this.#connections = openConnections(options);
  }

  async ingestedObjects(): Promise<ReadonlyMap<string, IngestedObject>> {
    return this.#guarded(() => this.#open.known.refresh());
  }

  ingest(objects: readonly SilverObject[]): Promise<IngestReport> {
    return this.#oneAtATime(async () => {
      const batch = await this.#stage(objects);
      const { expect, checkpoints } = this.#open;
      this.#guarded(() => expect(batch.staged.reduce((total, { rows }) => total + rows, 0)));
      const report = this.#transaction(() => this.#merged(batch));
      this.#guarded(() => checkpoints.afterStep());
      return report;
    });
  }

  rebuild(objects: Iterable<SilverObject>, { signal }: RebuildOptions = {}): Promise<IngestReport> {
    return this.#oneAtATime(async () => {
      const { file, lakeUrl, now } = this.#options;
      try {
        const before = ingestedBefore(this.#open.reader);
        const built = await buildFile(objects, { file, lakeUrl, now, before, signal });
        try {
          await this.#take(built.file);
        } finally {
          rmSync(built.file, { force: true });
        }
        return built.report;
      } catch (error) {
        throw toIngotError(file, error, "warehouse_invalid");
      }
    });
  }

  setEtag(key: string, etag: string): Promise<void> {
    return this.#oneAtATime(async () => {
      const { writer, known } = this.#open;
      this.#guarded(() => writer.prepare("UPDATE objects SET etag = ? WHERE key = ?").run(etag, key));
      known.setEtag(key, etag);
    });
  }

  async revision(): Promise<string> {
    return this.#guarded(() => readRevision(this.#open.reader));
  }

  async query(sql: string): Promise<QueryResult> {
    return withSqliteErrors(this.url, () => queryRows(this.#open.reader, sql), "query_failed");
  }

  async queryAside(sql: string): Promise<QueryResult> {
    try {
      return await queryRowsAside(this.url, sql);
    } catch (error) {
      throw toIngotError(this.url, error, "query_failed");
    }
  }

  async countRows(conditions: readonly RowCondition[]): Promise<readonly number[]> {
    const known = this.#watchedRows(conditions);
    const isMissing = (_: RowCondition, index: number) => known[index] === undefined;
    const missing = conditions.filter(isMissing);
    if (missing.length === 0) return known as number[];
    return this.#oneAtATime(async () => {
      await this.#watch(missing);
      this.#transaction(() => this.#open.watched.trim(conditions));
      return this.#watchedRows(conditions).map((rows) => rows ?? 0);
    });
  }

  /** Begins to count conditions along. A long history is counted aside, and again where it changed meanwhile. */
  async #watch(conditions: readonly RowCondition[]): Promise<void> {
    const queries = countQueries(conditions);
    const tables = ["order_rows", "customer_rows", "click_rows"];
    const last = `SELECT ${tables.map((table) => `(SELECT max(id) FROM ${table})`).join(", ")}`;
    const isLong = (await this.query(last)).rows[0]!.some((last) => Number(last) > ROWS_COUNTED_AT_ONCE);
    for (let attempt = 1; isLong && attempt <= COUNTS_ASIDE; attempt += 1) {
      const revision = await this.revision();
      const counted = await Promise.all(
        queries.map(async ({ sql, read }) => read(await this.queryAside(sql))),
      );
      const isStored = this.#transaction(() => {
        const { writer, watched } = this.#open;
        const isUnchanged = readRevision(writer) === revision;
        if (isUnchanged) watched.store(counted.flat());
        return isUnchanged;
      });
      if (isStored) return;
    }
    this.#transaction(() => {
      const { writer, watched } = this.#open;
      watched.store(queries.flatMap(({ sql, read }) => read(queryRows(writer, sql))));
    }, "query_failed");
  }

  /** What is counted along; `undefined` for what is not yet. */
  #watchedRows(conditions: readonly RowCondition[]): (number | undefined)[] {
    const sql = `SELECT rows FROM watched_rows WHERE "table" = ? AND condition = ?`;
    return this.#guarded(() => {
      const select = this.#open.reader.prepare(sql);
      return conditions.map(
        ({ table, condition }) => select.get(table, condition)?.rows as number | undefined,
      );
    });
  }

  async close(): Promise<void> {
    await this.#oneAtATime(() => this.#connections.close());
  }

  /** Opened again where that did not succeed at the end of a rebuild, because somebody else was faster. */
  get #open(): Connections {
    if (!this.#connections.writer.isOpen) this.#connections = openConnections(this.#options);
    return this.#connections;
  }

  /** Makes a complete file's contents this warehouse's own. */
  async #take(built: string): Promise<void> {
    await this.#open.checkpoints.close();
    const { reader, writer } = this.#open;
    // Nothing is awaited while there are no connections: queries never meet that.
    reader.close();
    writer.close();
    let isReplaced = false;
    try {
      isReplaced = replaceFile(this.url, built);
    } finally {
      this.#connections = openConnections(this.#options);
    }
    if (!isReplaced) await copyInto(this.url, built);
  }

  /** Reads all objects into the staging tables. No lock is held meanwhile, however slow the storage is. */
  async #stage(objects: readonly SilverObject[]): Promise<Batch> {
    const { staging, known } = this.#open;
    this.#guarded(() => staging.clear());
    const sorted = objects.toSorted(
      (a, b) => compareKeys(a.bronzeKey, b.bronzeKey) || compareKeys(a.key, b.key),
    );
    const isIn = this.#guarded(() => known.refresh());
    const isFresh = ({ key }: SilverObject, rank: number): boolean =>
      !isIn.has(key) && sorted[rank - 1]?.key !== key;
    const fresh = sorted.flatMap((object, rank) => (isFresh(object, rank) ? [{ object, rank }] : []));
    const skipped = sorted.filter((object, rank) => !isFresh(object, rank)).map(({ key }) => key);
    const batch: Batch = { staged: [], skipped, failed: [] };
    for await (const opened of openAhead(fresh)) {
      const { object, rank } = opened.item;
      try {
        if ("error" in opened) throw opened.error;
        batch.staged.push(await staging.add(object, opened.content, rank));
      } catch (error) {
        batch.failed.push({ key: object.key, error });
      }
    }
    return batch;
  }

  /** Moves the staged rows into the tables. Runs inside a transaction. */
  #merged({ staged, skipped, failed }: Batch): IngestReport {
    const { writer, staging, pick, store, watched } = this.#open;
    const exists = writer.prepare("SELECT 1 FROM objects WHERE key = ?");
    const isIn = (key: string) => exists.get(key) !== undefined;
    const { late = [], fresh = [] } = Object.groupBy(staged, ({ object }) =>
      isIn(object.key) ? "late" : "fresh",
    );
    for (const { rank } of late) staging.drop(rank);
    if (fresh.length > 0) {
      const base = this.#storeObjects(fresh);
      for (const statement of pick) statement.run({ base });
      watched.follow();
      for (const statement of store) statement.run({ base });
      writer.exec("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision'");
    }
    return {
      ingested: fresh.map(({ object, content, rows }) => ingestedRows(object, content, rows)),
      skipped: [...skipped, ...late.map(({ object }) => object.key)],
      failed,
    };
  }

  /** Answers the id that an object of rank 0 has. */
  #storeObjects(objects: readonly StagedObject[]): number {
    const { writer } = this.#open;
    const last = writer.prepare("SELECT coalesce(max(id), 0) AS id FROM objects").get()?.id;
    const base = Number(last) + 1;
    const store = objectInserter(writer);
    const ingestedAt = this.#options.now().toISOString();
    for (const { object, content, rank, rows } of objects)
      store(objectRow(base + rank, object, content, rows, ingestedAt));
    return base;
  }

  /** @param otherwise the code of errors that do not concern the file */
  #transaction<T>(action: () => T, otherwise: ErrorCode = "warehouse_invalid"): T {
    const { writer } = this.#open;
    const run = (): T => {
      writer.exec("BEGIN IMMEDIATE");
      try {
        const result = action();
        writer.exec("COMMIT");
        return result;
      } catch (error) {
        if (writer.isTransaction) writer.exec("ROLLBACK");
        throw error;
      }
    };
    return withSqliteErrors(this.url, run, otherwise);
  }

  #guarded<T>(action: () => T): T {
    return withSqliteErrors(this.url, action, "warehouse_invalid");
  }

  #oneAtATime<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(action, action);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

interface Batch {
  staged: StagedObject[];
  skipped: string[];
  failed: { key: string; error: unknown }[];
}
