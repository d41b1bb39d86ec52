import { createHash } from "node:crypto";
import {
  IngotError,
  type MeteredObject,
  type ObjectInfo,
  type ObjectStore,
  type OpenObjectMeter,
  type StoredObject,
} from "@ingot/common";
import { readCsv } from "@ingot/engine";
import { bronzeKey, countsFromMetadata, type Dataset, type DaySource } from "@ingot/pipelines";
import type { RemadeDays } from "@ingot/pipelines/tables";
import { type SilverObject, SMALL_OBJECT_BYTES } from "@ingot/warehouse";

/** A silver object in a listing, and what it holds. */
export interface ListedSilver {
  info: Pick<ObjectInfo, "key" | "size" | "etag">;
  dataset: Dataset;
  /** Where its day's Parquet file has it as it is. */
  compacted?: {
    source: DaySource;
    /** True where its CSV object was pruned. */
    isPruned: boolean;
  };
}

type Opened = Pick<StoredObject, "etag" | "metadata" | "body">;

/** Memory that DuckDB takes beside the warehouse's own work. */
const DUCK_DB = { memoryBytes: 192 * 1024 * 1024 };

/**
 * Reads silver objects, whether they lie there as CSV or in their days' Parquet files. A small one may be opened long
 * before it is read; its bytes are held in memory by then, and not a connection.
 */
export class SilverIntake {
  readonly #silver: ObjectStore;
  #remade: Promise<RemadeDays> | undefined;

  constructor(silver: ObjectStore) {
    this.#silver = silver;
  }

  /**
   * The object as the warehouse takes it in: hashed while it is read.
   *
   * @param metered told of its bytes as they are read
   */
  object(listed: ListedSilver, metered?: MeteredObject): SilverObject {
    const { info, dataset } = listed;
    return {
      key: info.key,
      size: info.size,
      bronzeKey: bronzeKey(dataset, info.key),
      dataset: dataset.name,
      open: async () => {
        const { etag, metadata, body } = await this.#open(listed);
        const hash = createHash("sha256");
        const hashed = (async function* () {
          for await (const chunk of body) {
            hash.update(chunk);
            metered?.read(chunk.length);
            yield chunk;
          }
          metered?.end();
        })();
        return {
          etag,
          counts: countsFromMetadata(metadata),
          rows: readCsv(hashed, dataset.silverColumns),
          sha256: () => hash.copy().digest("hex"),
        };
      },
    };
  }

  /** Frees what it took to read Parquet files. */
  async close(): Promise<void> {
    await (await this.#remade)?.close();
  }

  async #open({ info, compacted }: ListedSilver): Promise<Opened> {
    const isSmall = info.size <= SMALL_OBJECT_BYTES;
    const inMemory = async (opened: Opened): Promise<Opened> =>
      isSmall ? { ...opened, body: inChunks(await Array.fromAsync(opened.body)) } : opened;
    if (compacted) {
      try {
        return await inMemory(await this.#remake(compacted.source));
      } catch (error) {
        if (compacted.isPruned || !(error instanceof IngotError) || !REPLACEABLE.includes(error.code))
          throw error;
      }
    }
    return inMemory(await this.#silver.read(info.key));
  }

  async #remake(source: DaySource): Promise<Opened> {
    // Loaded here only: most lakes are read without it.
    this.#remade ??= import("@ingot/pipelines/tables").then(
      ({ RemadeDays }) => new RemadeDays(this.#silver, DUCK_DB),
    );
    return { ...source, body: await (await this.#remade).read(source) };
  }
}

/** What may be wrong with a Parquet file while the CSV object is whole. */
const REPLACEABLE = [
  "silver_invalid",
  "silver_incomplete",
  "query_failed",
  "object_missing",
  "object_changed",
];

async function* inChunks(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/**
 * Runs work that takes these objects in, and shows how far it is.
 *
 * @param work is given what makes an object of a listed one
 */
export async function takingIn<T>(
  silver: ObjectStore,
  listed: readonly ListedSilver[],
  openMeter: OpenObjectMeter,
  work: (toObject: (silver: ListedSilver) => SilverObject) => Promise<T>,
): Promise<T> {
  const meter = openMeter(listed.map(({ info }) => info.size));
  const intake = new SilverIntake(silver);
  try {
    return await work((each) => intake.object(each, meter.begin(each.info.size)));
  } finally {
    meter.close();
    await intake.close();
  }
}
