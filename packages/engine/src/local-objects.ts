import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { IngotError, type ObjectInfo, type ObjectMetadata, type ObjectStore } from "@ingot/common";

/** Objects fetched at the same time. */
const PARALLEL = 16;
/** What DuckDB takes for a pattern in a file's name; it would read other files, or more. */
const PATTERN = /[*?[]/;
const TEMPORARY = ".tmp-";
/** A file's time tells when it was last used; to write it down more often is of no use. */
const TOUCH_MS = 10 * 60_000;
/** What was used so recently may be in use by another process. */
const IN_USE_MS = 60 * 60_000;
const LEFTOVER_MS = 24 * 60 * 60_000;

export interface LocalFile {
  path: string;
  /** Of an object that was fetched just now; otherwise nobody asked. */
  metadata?: ObjectMetadata;
}

/**
 * Objects as files, for programs that read nothing else. The objects of a folder lake are files already; all others are
 * fetched into a folder, once for each ETag.
 */
export class LocalObjects {
  readonly #folder: string;

  /** @param folder where fetched objects go; made when the first one does. Several processes may share it. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The files of these objects, in their order.
   *
   * @param onFetched told after each object that had to be fetched
   * @throws IngotError `object_changed` or `object_missing` where the store has another version by now; `storage_…`
   */
  async files(
    store: ObjectStore,
    objects: readonly ObjectInfo[],
    { signal, onFetched }: { signal?: AbortSignal | undefined; onFetched?: (info: ObjectInfo) => void } = {},
  ): Promise<LocalFile[]> {
    const files: LocalFile[] = new Array(objects.length);
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let at = next++; at < objects.length; at = next++) {
        signal?.throwIfAborted();
        const info = objects[at]!;
        const direct = directPath(store, info.key);
        files[at] = direct === undefined ? await this.#cached(store, info, onFetched) : { path: direct };
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, objects.length) }, worker));
    return files;
  }

  /** Removes what was not used for longest until the rest fits, and what killed processes left behind. */
  async trim(maxBytes: number): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    const now = Date.now();
    const found = await Promise.all(
      names.map(async (name) => {
        const file = path.join(this.#folder, name);
        const info = await stat(file).catch(() => undefined);
        return info?.isFile() ? [{ file, name, size: info.size, ageMs: now - info.mtimeMs }] : [];
      }),
    );
    const files = found.flat().sort((a, b) => b.ageMs - a.ageMs);
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { file, name, size, ageMs } of files) {
      const isLeftover = name.startsWith(TEMPORARY) && ageMs > LEFTOVER_MS;
      if (!isLeftover && (total <= maxBytes || ageMs < IN_USE_MS)) continue;
      await rm(file, { force: true });
      total -= size;
    }
  }

  async #cached(
    store: ObjectStore,
    info: ObjectInfo,
    onFetched?: (info: ObjectInfo) => void,
  ): Promise<LocalFile> {
    const id = createHash("sha256")
      .update(`${store.url}\0${info.key}\0${info.etag}`)
      .digest("hex")
      .slice(0, 40);
    const file = path.join(this.#folder, `${id}${/\.[a-z]+$/.exec(info.key)?.[0] ?? ""}`);
    const known = await stat(file).catch(() => undefined);
    if (known?.size === info.size) {
      const now = new Date();
      if (now.getTime() - known.mtimeMs > TOUCH_MS) await utimes(file, now, now).catch(() => undefined);
      return { path: file };
    }
    const metadata = await this.#fetch(store, info, file);
    onFetched?.(info);
    return { path: file, metadata };
  }

  /** Whole or not at all, because another process may look for it at the same time. */
  async #fetch(store: ObjectStore, info: ObjectInfo, file: string): Promise<ObjectMetadata> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const temporary = path.join(this.#folder, `${TEMPORARY}${randomBytes(8).toString("hex")}`);
    const stored = await store.read(info.key);
    try {
      const handle = await open(temporary, "wx", 0o600);
      try {
        for await (const chunk of stored.body) await handle.writeFile(chunk);
      } finally {
        await handle.close();
      }
      if (stored.etag !== info.etag) {
        const text = `${info.key} was written again since it was listed.`;
        throw new IngotError("object_changed", text, { context: { key: info.key } });
      }
      await rename(temporary, file);
      return stored.metadata;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

/** The path of a folder lake's object, where every program can read it under this name. */
function directPath(store: ObjectStore, key: string): string | undefined {
  if (!store.url.startsWith("file:")) return undefined;
  const file = path.join(fileURLToPath(store.url), ...key.split("/"));
  return PATTERN.test(file) ? undefined : file;
}
