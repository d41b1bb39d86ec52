import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { IngestedObject } from "../warehouse.ts";
import { readMeta } from "./meta.ts";

/** The list of ingested objects in memory, so that a pass reads only what was added since the last one. */
export class KnownObjects {
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
