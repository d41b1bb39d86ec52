import { createReadStream } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { IngotError, inParallel, type ObjectInfo, type ObjectStore } from "@ingot/common";
import type { DuckDbSession } from "../duckdb/duckdb.ts";
import { sqlName, sqlText, sqlTexts } from "../duckdb/sql-text.ts";
import { LocalObjects } from "../local-objects.ts";
import type { Pipeline, Table } from "./pipeline.ts";
import { cutOf, tableKey, WHOLE } from "./places.ts";
import type { PartState } from "./table-state.ts";

/** Parts written to the storage at the same time. */
const PARALLEL = 8;
const PARQUET = "FORMAT parquet, COMPRESSION zstd";

/** The tables of a pipeline in silver, as files and as views of a DuckDB. */
export class SilverTables {
  readonly #pipeline: Pipeline;
  readonly #silver: ObjectStore;
  readonly #session: DuckDbSession;
  readonly #local: LocalObjects;
  /** What silver has, by key. */
  readonly #objects: Map<string, ObjectInfo>;

  private constructor(
    pipeline: Pipeline,
    silver: ObjectStore,
    session: DuckDbSession,
    objects: Map<string, ObjectInfo>,
  ) {
    this.#pipeline = pipeline;
    this.#silver = silver;
    this.#session = session;
    this.#local = new LocalObjects(path.join(session.folder, "objects"));
    this.#objects = objects;
  }

  /** @throws IngotError of the storage */
  static async open(pipeline: Pipeline, silver: ObjectStore, session: DuckDbSession): Promise<SilverTables> {
    const objects = new Map<string, ObjectInfo>();
    for await (const object of silver.list({ prefix: `${pipeline.name}/` })) objects.set(object.key, object);
    return new SilverTables(pipeline, silver, session, objects);
  }

  /** The size of a part's file; 0 where there is none. */
  bytes(table: Table, part: string): number {
    return this.#objects.get(tableKey(this.#pipeline, table, part))?.size ?? 0;
  }

  /** The parts of a table that silver has. */
  partsThere(table: Table): string[] {
    if (cutOf(this.#pipeline, table).by === "nothing") return this.bytes(table, WHOLE) > 0 ? [WHOLE] : [];
    const folder = `${this.#pipeline.name}/${table.name}/`;
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(folder));
    const named = keys.flatMap((key) => /^[^/=]+=([^/]+)\//.exec(key.slice(folder.length))?.[1] ?? []);
    return named.filter((part) => this.bytes(table, part) > 0);
  }

  /** True where silver has a part as its state says. */
  isAsLeft(table: Table, part: string, state: PartState | undefined): boolean {
    return state !== undefined && state.bytes === this.bytes(table, part);
  }

  /** Takes parts of a table away. */
  async remove(table: Table, parts: readonly string[]): Promise<void> {
    await inParallel(parts, PARALLEL, (part) => this.#delete(tableKey(this.#pipeline, table, part)));
  }

  async #delete(key: string): Promise<void> {
    await this.#silver.delete(key);
    this.#objects.delete(key);
  }

  /** The local files of parts of a table; parts that are not there are left out. */
  async files(table: Table, parts: readonly string[], signal: AbortSignal): Promise<string[]> {
    const objects = parts.flatMap((part) => this.#objects.get(tableKey(this.#pipeline, table, part)) ?? []);
    const files = await this.#local.files(this.#silver, objects, { signal });
    return files.map((file) => file.path);
  }

  /** Makes parts of a table what its name means in queries. @param columns with their types, for a table without rows */
  async show(
    table: Table,
    parts: readonly string[],
    columns: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    const files = await this.files(table, parts, signal);
    const rows = files.length === 0 ? noRows(columns) : parquetRows(files);
    await this.#session.run(`CREATE OR REPLACE TEMP VIEW ${sqlName(table.name)} AS ${rows}`);
  }

  /**
   * Writes the rows of a query as parts of a table; a part without rows goes, where the table is cut into days.
   *
   * @param rows the name of the table or view that has the rows
   */
  async write(table: Table, parts: readonly string[], rows: string, signal: AbortSignal): Promise<void> {
    const folder = path.join(this.#session.folder, "parts");
    await mkdir(folder, { recursive: true });
    try {
      const files = await this.#split(table, parts, rows, folder, signal);
      await inParallel(parts, PARALLEL, async (part) => {
        signal.throwIfAborted();
        const key = tableKey(this.#pipeline, table, part);
        const file = files.get(part);
        if (file === undefined) return this.#delete(key);
        const contentType = "application/vnd.apache.parquet";
        await this.#silver.write(key, createReadStream(file), { contentType });
        const info = await this.#silver.stat(key);
        if (!info) throw new IngotError("object_missing", `${key} was deleted as soon as it was written.`);
        this.#objects.set(key, info);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #split(
    table: Table,
    parts: readonly string[],
    rows: string,
    folder: string,
    signal: AbortSignal,
  ): Promise<Map<string, string>> {
    const cut = cutOf(this.#pipeline, table);
    const from = `(FROM ${sqlName(rows)})`;
    if (cut.by !== "day") {
      const file = path.join(folder, "whole.parquet");
      await this.#session.run(`COPY ${from} TO ${sqlText(file)} (${PARQUET})`, { signal });
      return new Map([[parts[0] ?? WHOLE, file]]);
    }
    const target = path.join(folder, "days");
    const split = `PARTITION_BY (${sqlName(cut.column)}), WRITE_PARTITION_COLUMNS true`;
    await this.#session.run(`COPY ${from} TO ${sqlText(target)} (${PARQUET}, ${split})`, { signal });
    const folders = await readdir(target).catch(() => []);
    const files = await inParallel(folders, PARALLEL, async (name): Promise<[string, string]> => {
      const day = decodeURIComponent(name.slice(name.indexOf("=") + 1));
      return [day, await this.#oneFile(path.join(target, name), path.join(folder, `${day}.parquet`))];
    });
    return new Map(files);
  }

  /** DuckDB may write a part as several files. */
  async #oneFile(folder: string, file: string): Promise<string> {
    const names = await readdir(folder);
    const paths = names.map((name) => path.join(folder, name));
    if (paths.length === 1) await rename(paths[0]!, file);
    else await this.#session.run(`COPY (${parquetRows(paths)}) TO ${sqlText(file)} (${PARQUET})`);
    return file;
  }
}

export const parquetRows = (files: readonly string[]): string =>
  `SELECT * FROM read_parquet(${sqlTexts(files)}, hive_partitioning = false)`;

/** A query that has columns, and no rows. */
export function noRows(columns: Readonly<Record<string, string>>): string {
  const list = Object.entries(columns).map(([name, type]) => `CAST(NULL AS ${type}) AS ${sqlName(name)}`);
  return `SELECT ${list.join(", ")} WHERE false`;
}
