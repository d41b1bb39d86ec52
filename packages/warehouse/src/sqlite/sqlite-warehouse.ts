import type { DatabaseSync, StatementSync } from "node:sqlite";
import { compareKeys, IngotError } from "@ingot/common";
import type {
  IngestedObject,
  IngestReport,
  QueryResult,
  SilverObject,
  SqlValue,
  Warehouse,
} from "../warehouse.ts";
import { MERGE_STATEMENTS } from "./merge.ts";
import { type OpenOptions, openReader, openWriter } from "./open-database.ts";
import { DATA_TABLES } from "./schema.ts";
import { withSqliteErrors } from "./sqlite-errors.ts";
import { createStaging, type StagedObject, type Staging } from "./staging.ts";

/** Objects that a rebuild stages at a time; the staging tables stay small for it. */
const REBUILD_BATCH = 500;

/** The embedded warehouse: one SQLite file. Several processes may use it at once. */
export class SqliteWarehouse implements Warehouse {
  readonly url: string;
  readonly #file: string;
  readonly #now: () => Date;
  readonly #writer: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #staging: Staging;
  readonly #merge: readonly StatementSync[];
  readonly #known: KnownObjects;
  /** The last call that uses the staging tables; the next one waits for it. */
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
    this.#file = options.file;
    this.#now = options.now;
    this.#writer = openWriter(options);
    this.#reader = openReader(options.file);
    this.#staging = createStaging(this.#writer);
    this.#merge = MERGE_STATEMENTS.map((sql) => allowingUnused(this.#writer.prepare(sql)));
    this.#known = new KnownObjects(this.#reader);
  }

  async ingestedObjects(): Promise<ReadonlyMap<string, IngestedObject>> {
    return this.#guarded(() => this.#known.refresh());
  }

  ingest(objects: readonly SilverObject[]): Promise<IngestReport> {
    return this.#oneAtATime(async () => {
      const batch = await this.#stage(objects);
      return this.#transaction(() => this.#merged(batch));
    });
  }

  rebuild(objects: Iterable<SilverObject>): Promise<IngestReport> {
    return this.#oneAtATime(async () => {
      const reports: IngestReport[] = [];
      this.#guarded(() => this.#writer.exec("BEGIN IMMEDIATE"));
      try {
        for (const table of DATA_TABLES) this.#guarded(() => this.#writer.exec(`DELETE FROM ${table}`));
        this.#guarded(() => this.#count("generation"));
        for (const chunk of chunks(objects, REBUILD_BATCH)) {
          const batch = await this.#stage(chunk);
          const fatal = batch.failed.find(({ error }) => !isObjectsOwnFault(error));
          if (fatal) throw fatal.error;
          reports.push(this.#guarded(() => this.#merged(batch)));
        }
        this.#guarded(() => this.#writer.exec("COMMIT"));
      } catch (error) {
        if (this.#writer.isTransaction) this.#writer.exec("ROLLBACK");
        throw error;
      }
      return {
        ingested: reports.flatMap(({ ingested }) => ingested),
        skipped: [],
        failed: reports.flatMap(({ failed }) => failed),
      };
    });
  }

  setEtag(key: string, etag: string): Promise<void> {
    return this.#oneAtATime(async () => {
      this.#guarded(() => this.#writer.prepare("UPDATE objects SET etag = ? WHERE key = ?").run(etag, key));
      this.#known.setEtag(key, etag);
    });
  }

  async revision(): Promise<string> {
    return this.#guarded(() => readMeta(this.#reader, "revision"));
  }

  async query(sql: string): Promise<QueryResult> {
    const run = () => {
      const statement = this.#reader.prepare(sql, { readBigInts: true, returnArrays: true });
      const columns = statement.columns().map(({ name }) => name);
      const rows = statement.all() as unknown as (SqlValue | Uint8Array)[][];
      return { columns, rows: rows.map((row) => row.map(withoutBytes)) };
    };
    return withSqliteErrors(this.#file, run, "query_failed");
  }

  async close(): Promise<void> {
    await this.#oneAtATime(async () => {
      this.#reader.close();
      this.#writer.close();
    });
  }

  /** Reads all objects into the staging tables. No lock is held meanwhile, however slow the storage is. */
  async #stage(objects: readonly SilverObject[]): Promise<Batch> {
    this.#guarded(() => this.#staging.clear());
    const sorted = objects.toSorted(
      (a, b) => compareKeys(a.bronzeKey, b.bronzeKey) || compareKeys(a.key, b.key),
    );
    // A rebuild has emptied the list, but nobody else can see that yet.
    const known = this.#writer.isTransaction ? new Map() : this.#guarded(() => this.#known.refresh());
    const batch: Batch = { staged: [], skipped: [], failed: [] };
    for (const [rank, object] of sorted.entries()) {
      if (known.has(object.key) || sorted[rank - 1]?.key === object.key) {
        batch.skipped.push(object.key);
        continue;
      }
      try {
        batch.staged.push(await this.#staging.add(object, rank));
      } catch (error) {
        batch.failed.push({ key: object.key, error });
      }
    }
    return batch;
  }

  /** Moves the staged rows into the tables. Runs inside a transaction. */
  #merged({ staged, skipped, failed }: Batch): IngestReport {
    const exists = this.#writer.prepare("SELECT 1 FROM objects WHERE key = ?");
    const isIn = (key: string) => exists.get(key) !== undefined;
    const { late = [], fresh = [] } = Object.groupBy(staged, ({ object }) =>
      isIn(object.key) ? "late" : "fresh",
    );
    for (const { rank } of late) this.#staging.drop(rank);
    if (fresh.length > 0) {
      const base = this.#storeObjects(fresh);
      for (const statement of this.#merge) statement.run({ base });
      this.#count("revision");
    }
    return {
      ingested: fresh.map(({ object: { key, dataset }, rows }) => ({ key, dataset, rows })),
      skipped: [...skipped, ...late.map(({ object }) => object.key)],
      failed,
    };
  }

  /** Answers the id that an object of rank 0 has. */
  #storeObjects(objects: readonly StagedObject[]): number {
    const last = this.#writer.prepare("SELECT coalesce(max(id), 0) AS id FROM objects").get()?.id;
    const base = Number(last) + 1;
    const insert = this.#writer.prepare("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const ingestedAt = this.#now().toISOString();
    for (const { object, content, rank, rows } of objects) {
      const { read = null, kept = null, rejected = null, duplicates = null, reasons } = content.counts;
      insert.run(
        base + rank,
        object.key,
        content.etag,
        content.sha256(),
        object.dataset,
        object.bronzeKey,
        rows,
        read,
        kept,
        rejected,
        duplicates,
        JSON.stringify(reasons),
        ingestedAt,
      );
    }
    return base;
  }

  #count(name: "generation" | "revision"): void {
    this.#writer.prepare("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = ?").run(name);
  }

  #transaction<T>(action: () => T): T {
    return this.#guarded(() => {
      this.#writer.exec("BEGIN IMMEDIATE");
      try {
        const result = action();
        this.#writer.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.#writer.isTransaction) this.#writer.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #guarded<T>(action: () => T): T {
    return withSqliteErrors(this.#file, action, "warehouse_invalid");
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

/** The list of ingested objects in memory, so that a pass reads only what was added since the last one. */
class KnownObjects {
  readonly #reader: DatabaseSync;
  readonly #newer: StatementSync;
  readonly #objects = new Map<string, IngestedObject>();
  #lastId = 0;
  #generation = "";

  constructor(reader: DatabaseSync) {
    this.#reader = reader;
    this.#newer = reader.prepare("SELECT id, key, etag, sha256 FROM objects WHERE id > ? ORDER BY id");
  }

  refresh(): ReadonlyMap<string, IngestedObject> {
    const generation = readMeta(this.#reader, "generation");
    if (generation !== this.#generation) {
      this.#objects.clear();
      this.#lastId = 0;
      this.#generation = generation;
    }
    for (const { id, key, etag, sha256 } of this.#newer.iterate(this.#lastId)) {
      this.#objects.set(String(key), { etag: String(etag), sha256: String(sha256) });
      this.#lastId = Number(id);
    }
    return this.#objects;
  }

  setEtag(key: string, etag: string): void {
    const object = this.#objects.get(key);
    if (object) this.#objects.set(key, { ...object, etag });
  }
}

/** Not every statement of a merge uses every parameter. */
function allowingUnused(statement: StatementSync): StatementSync {
  statement.setAllowUnknownNamedParameters(true);
  return statement;
}

function readMeta(database: DatabaseSync, name: string): string {
  return String(database.prepare("SELECT value FROM meta WHERE name = ?").get(name)?.value);
}

function withoutBytes(value: SqlValue | Uint8Array): SqlValue {
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : value;
}

/** An object that is broken or gone stays away from a rebuild without harm; anything else may be over soon. */
function isObjectsOwnFault(error: unknown): boolean {
  return error instanceof IngotError && (error.code === "silver_invalid" || error.code === "object_missing");
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
