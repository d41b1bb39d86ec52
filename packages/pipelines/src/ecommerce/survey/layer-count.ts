import type { ObjectInfo, ObjectStore } from "@ingot/common";
import { ecommerceObjects } from "../../folders.ts";

/** What a layer holds. */
export interface LayerSize {
  objects: number;
  bytes: number;
  /** When the newest object was written; `undefined` where there is none. */
  newest: Date | undefined;
}

export interface LayerCountOptions {
  /** Which objects count, by key; the others are shown only. */
  counts?: (key: string) => boolean;
  /** Ends a listing, which then throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Counts a layer's objects, but for those of other pipelines: all of them once, and then at a small price those that come after the last one of their top
 * folder, as names with dates in them do.
 */
export class LayerCount implements LayerSize {
  objects = 0;
  bytes = 0;
  newest: Date | undefined;
  readonly #store: ObjectStore;
  readonly #counts: (key: string) => boolean;
  readonly #signal: AbortSignal | undefined;
  /** The last key of each top folder; what lies in none is not followed. */
  readonly #last = new Map<string, string>();

  constructor(store: ObjectStore, { counts = () => true, signal }: LayerCountOptions = {}) {
    this.#store = store;
    this.#counts = counts;
    this.#signal = signal;
  }

  /** Every object, each counted. @throws IngotError of the storage */
  async *all(): AsyncGenerator<ObjectInfo> {
    for await (const info of ecommerceObjects(this.#store)) yield this.#counted(info);
  }

  /** Objects that have come since, each counted. @throws IngotError of the storage */
  async *newer(): AsyncGenerator<ObjectInfo> {
    for (const [prefix, startAfter] of [...this.#last]) {
      for await (const info of this.#store.list({ prefix, startAfter })) yield this.#counted(info);
    }
  }

  #counted(info: ObjectInfo): ObjectInfo {
    this.#signal?.throwIfAborted();
    const { key, size, modified } = info;
    if (this.#counts(key)) {
      this.objects += 1;
      this.bytes += size;
      if (this.newest === undefined || modified > this.newest) this.newest = modified;
    }
    const slash = key.indexOf("/") + 1;
    if (slash > 0) this.#last.set(key.slice(0, slash), key);
    return info;
  }
}
