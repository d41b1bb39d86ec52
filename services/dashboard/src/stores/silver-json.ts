import { randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { IngotError, type ObjectInfo, type ObjectStore } from "@ingot/common";
import { type DuckDbSession, LocalObjects, openDuckDb, sqlText } from "@ingot/engine";

/** An answer that was made. To be read to its end or destroyed, which removes it. */
export interface JsonFile {
  rows: number;
  bytes: number;
  body: Readable;
}

const MEMORY_BYTES = 256 * 1024 * 1024;
/** Objects that are no files already are kept for the next question, so many bytes of them. */
const CACHE_BYTES = 256 * 1024 * 1024;
/** Those who fetch a day ask for one store after the other; a DuckDB of its own for each would take longer than the answers. */
const IDLE_MS = 30_000;
/** Answers lie on the disk while they are sent. */
const MOST_ANSWERS = 32;
/** Whoever has not read an answer by then does not get the rest. */
const SEND_MS = 120_000;

/**
 * Makes JSON of Parquet objects: one at a time, in the memory of a DuckDB that is closed when nobody asks any more. Answers
 * are written to files first, so that a slow reader keeps neither the DuckDB nor memory busy.
 */
export class SilverJson {
  readonly #silver: ObjectStore;
  #session: { duckDb: DuckDbSession; objects: LocalObjects; fetchedBytes: number } | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #answers = 0;
  #isClosed = false;

  constructor(silver: ObjectStore) {
    this.#silver = silver;
  }

  /**
   * The rows of a query over an object as a JSON array.
   *
   * @param query makes the SQL; it is given what to select from
   * @throws IngotError `query_timeout`, `object_changed`, `storage_unavailable` where too many answers are on their way
   */
  async open(
    object: ObjectInfo,
    query: (source: string) => string,
    { timeoutMs }: { timeoutMs: number },
  ): Promise<JsonFile> {
    if (this.#answers >= MOST_ANSWERS)
      throw new IngotError(
        "storage_unavailable",
        `${MOST_ANSWERS} answers are being sent. Try again in a moment.`,
      );
    this.#answers += 1;
    const signal = AbortSignal.timeout(timeoutMs);
    const making = this.#last.then(() => this.#make(object, query, signal));
    this.#last = making.catch(() => undefined);
    try {
      const answer = await making;
      answer.body.once("close", () => this.#free());
      return answer;
    } catch (error) {
      this.#free();
      if (signal.aborted)
        throw new IngotError(
          "query_timeout",
          `${object.key} could not be read within ${timeoutMs / 1000} s.`,
        );
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    await this.#end();
  }

  #free(): void {
    this.#answers -= 1;
  }

  async #make(object: ObjectInfo, query: (source: string) => string, signal: AbortSignal): Promise<JsonFile> {
    signal.throwIfAborted();
    clearTimeout(this.#idle);
    try {
      this.#session ??= await newSession();
      const session = this.#session;
      const { duckDb, objects } = session;
      const onFetched = ({ size }: ObjectInfo): void => {
        session.fetchedBytes += size;
      };
      const [source] = await objects.files(this.#silver, [object], { signal, onFetched });
      const file = path.join(duckDb.folder, `${randomUUID()}.json`);
      // The day stands in the rows, whatever the path says of it.
      const sql = query(`read_parquet(${sqlText(source!.path)}, hive_partitioning = false)`);
      const [counted] = await duckDb.all(`COPY (${sql}) TO ${sqlText(file)} (FORMAT json, ARRAY true)`, {
        signal,
      });
      await this.#assertSame(object);
      return { rows: Number(counted?.[0] ?? 0), ...(await readOnce(file)) };
    } catch (error) {
      // Its file may have been replaced while it was read.
      if (!signal.aborted) await this.#assertSame(object);
      throw error;
    } finally {
      if ((this.#session?.fetchedBytes ?? 0) > CACHE_BYTES) await this.#end();
      this.#idle = setTimeout(() => void this.#rest(), IDLE_MS).unref();
      if (this.#isClosed) clearTimeout(this.#idle);
    }
  }

  /** @throws IngotError `object_changed` */
  async #assertSame({ key, etag }: ObjectInfo): Promise<void> {
    if ((await this.#silver.stat(key))?.etag === etag) return;
    throw new IngotError("object_changed", `${key} was written again while it was read.`, {
      context: { key },
    });
  }

  async #rest(): Promise<void> {
    this.#last = this.#last.then(() => this.#end());
    await this.#last;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const session = this.#session;
    this.#session = undefined;
    await session?.duckDb.close();
  }
}

async function newSession() {
  const duckDb = await openDuckDb({ memoryBytes: MEMORY_BYTES, threads: 1 });
  return { duckDb, objects: new LocalObjects(path.join(duckDb.folder, "objects")), fetchedBytes: 0 };
}

/** A file that nobody else finds any more: it is gone when it has been read. */
async function readOnce(file: string): Promise<{ bytes: number; body: Readable }> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    await rm(file);
    const body = handle.createReadStream();
    const late = setTimeout(
      () => body.destroy(new Error("The answer was not read in time.")),
      SEND_MS,
    ).unref();
    body.once("close", () => clearTimeout(late));
    return { bytes: size, body };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
