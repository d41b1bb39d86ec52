import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { IngotError, type ObjectStore } from "@ingot/common";
import { type DuckDbOptions, type DuckDbSession, LocalObjects, openDuckDb } from "@ingot/engine";
import { compactedKey, type DatasetDay, dayFolder } from "./compacted-object.ts";
import type { DaySource } from "./day-sources.ts";
import { RemadeDay } from "./remade-day.ts";
import { prunedRowsMissing } from "./silver-files.ts";

/** Whoever reads objects in the order of their keys comes from one day to the next. */
const DAYS = 2;

interface Day {
  folder: string;
  remade: RemadeDay;
}

/** A day, and how many of its objects are going to be read. */
interface Entry {
  day: Promise<Day>;
  readers: number;
}

/**
 * Silver's CSV objects, made again out of the Parquet files of their days: one file to fetch and to read for all objects
 * of a day. For readers that read them roughly in the order of their keys.
 */
export class RemadeDays {
  readonly #silver: ObjectStore;
  readonly #duckDb: DuckDbOptions;
  #session: Promise<DuckDbSession> | undefined;
  /** One after the other: a session runs one query at a time. */
  #last: Promise<unknown> = Promise.resolve();
  /** By the key of the Parquet file, the one that was asked for last at the end. */
  readonly #entries = new Map<string, Entry>();

  constructor(silver: ObjectStore, duckDb: DuckDbOptions = {}) {
    this.#silver = silver;
    this.#duckDb = duckDb;
  }

  /**
   * The bytes of an object.
   *
   * @throws IngotError `silver_incomplete` where the Parquet file does not have it as it was; `query_failed`; of the storage
   */
  async read(source: DaySource): Promise<AsyncGenerator<Uint8Array>> {
    const entry = this.#enter(dayFolder(source.key)!);
    try {
      const { remade } = await entry.day;
      return this.#checked(remade, source, entry);
    } catch (error) {
      this.#leave(entry);
      throw error;
    }
  }

  /** Frees memory and temporary files. */
  async close(): Promise<void> {
    await this.#last;
    await Promise.allSettled([...this.#entries.values()].map(async ({ day }) => remove(await day)));
    await (await this.#session)?.close();
  }

  #enter(place: DatasetDay): Entry {
    const key = compactedKey(place.dataset, place.day);
    const entry = this.#entries.get(key) ?? { day: this.#make(place.dataset, key), readers: 0 };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.readers += 1;
    return entry;
  }

  #leave(entry: Entry): void {
    entry.readers -= 1;
    for (const [key, { day, readers }] of this.#entries) {
      if (this.#entries.size <= DAYS) return;
      if (readers > 0) continue;
      this.#entries.delete(key);
      void day.then(remove).catch(() => undefined);
    }
  }

  #make(dataset: DatasetDay["dataset"], key: string): Promise<Day> {
    const made = this.#last.then(async () => {
      this.#session ??= openDuckDb(this.#duckDb);
      const session = await this.#session;
      const compacted = await this.#silver.stat(key);
      if (!compacted) throw prunedRowsMissing(key);
      const folder = await mkdtemp(path.join(session.folder, "day-"));
      const [file] = await new LocalObjects(folder).files(this.#silver, [compacted]);
      const target = path.join(folder, "remade.csv");
      const remade = await RemadeDay.make(session, dataset, { parquet: file!.path, file: target });
      return { folder, remade };
    });
    this.#last = made.catch(() => this.#entries.delete(key));
    return made;
  }

  async *#checked(remade: RemadeDay, { key, sha256 }: DaySource, entry: Entry): AsyncGenerator<Uint8Array> {
    try {
      const hash = createHash("sha256");
      for await (const chunk of remade.read(key)) {
        hash.update(chunk);
        yield chunk;
      }
      if (hash.digest("hex") !== sha256) throw notAsItWas(key);
    } finally {
      this.#leave(entry);
    }
  }
}

async function remove({ folder, remade }: Day): Promise<void> {
  await remade.close();
  await rm(folder, { recursive: true, force: true });
}

function notAsItWas(key: string): IngotError {
  return new IngotError(
    "silver_incomplete",
    `${key} cannot be made again as it was from its day's Parquet file. Restore that file from a backup, or clean the ` +
      "object again: ingot rebuild --from bronze",
    { context: { layer: "silver", key } },
  );
}
