import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { compareKeys, FileStore, IngotError, type StoredObject, type WriteOptions } from "@ingot/common";
import { onTestFinished } from "vitest";

/** A bronze layer in a folder of its own, removed after the test, whose storage can be made to fail. */
export class BronzeFolder extends FileStore {
  /** True for a layer that its user may write but not read. */
  denyReads = false;
  /** The next writes that fail. */
  failingWrites = 0;
  readonly #folder: string;

  constructor() {
    const folder = mkdtempSync(path.join(tmpdir(), "ingot-bronze-"));
    super(folder);
    this.#folder = folder;
    onTestFinished(() => rmSync(folder, { recursive: true }));
  }

  override async read(key: string): Promise<StoredObject> {
    if (this.denyReads) throw new IngotError("storage_denied", "reading is not allowed");
    return super.read(key);
  }

  override async write(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<{ created: boolean }> {
    if (this.failingWrites > 0) {
      this.failingWrites -= 1;
      throw new IngotError("storage_unavailable", "no answer");
    }
    return super.write(key, body, options);
  }

  keys(): string[] {
    return [...this.texts().keys()];
  }

  /** All objects' texts by key. */
  texts(): Map<string, string> {
    const files = readdirSync(this.#folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const objects = files.map((file): [string, string] => [
      path.relative(this.#folder, file),
      readFileSync(file, "utf8"),
    ]);
    return new Map(objects.sort(([a], [b]) => compareKeys(a, b)));
  }
}
