import { constants } from "node:fs";
import { type FileHandle, lstat, open, rm, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { IngotError } from "../../errors.ts";
import type {
  ListOptions,
  ObjectInfo,
  ObjectStat,
  ObjectStore,
  StoredObject,
  WriteOptions,
} from "../object-store.ts";
import { type FileAction, fileError, guarded, ifPresent } from "./errors.ts";
import { FolderCache } from "./folder-cache.ts";
import { type Entry, walk } from "./listing.ts";
import { alone } from "./lock.ts";
import { etagOf, type FileVersion, readMetadata, removeMetadata, sameVersion } from "./metadata.ts";
import { isObjectName, isTemporaryName, keyPath } from "./names.ts";
import { publish, removeQuietly, writeTemporary } from "./write.ts";

const CHUNK_BYTES = 256 * 1024;
/** Copying tools write without pauses as long as this, even to a slow disk. */
const SETTLE_MS = 300;
/** Opening a pipe that lies among the objects must not wait for somebody to write into it. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * One layer of the lake as a plain folder: an object is a file, its key the path below the folder. People may put
 * files in, edit and delete them by any means.
 *
 * Metadata lies in a side file beside its object, where there is any. Side files and objects being written have
 * reserved names (`.ingot-meta-…`, `.ingot-tmp-…`), which no listing shows and no key may have.
 */
export class FileStore implements ObjectStore {
  readonly url: string;
  readonly settleMs = SETTLE_MS;
  readonly #root: string;
  readonly #folders = new FolderCache<Entry>();

  /** @param root the folder; made at the first write */
  constructor(root: string) {
    this.#root = path.resolve(root);
    this.url = pathToFileURL(this.#root).href;
  }

  async *list(options: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    const inspect = async (file: string, key: string): Promise<ObjectInfo | undefined> => {
      const info = await guarded({ verb: "list", path: file, key }, ifPresent(stat(file, { bigint: true })));
      return info?.isFile() ? toInfo(key, info) : undefined;
    };
    for await (const { facts } of walk(this.#root, inspect, options, isObjectName, this.#folders))
      yield facts;
  }

  async stat(key: string): Promise<ObjectStat | undefined> {
    const file = keyPath(this.#root, key);
    const action = { verb: "look at", path: file, key };
    const info = await guarded(action, ifPresent(stat(file, { bigint: true })));
    if (!info?.isFile()) return undefined;
    return { ...toInfo(key, info), metadata: await guarded(action, metadataOf(file, info)) };
  }

  async read(key: string): Promise<StoredObject> {
    const file = keyPath(this.#root, key);
    const action = { verb: "read", path: file, key };
    const handle = await guarded(action, openFile(file));
    try {
      const info = await handle?.stat({ bigint: true });
      if (!handle || !info?.isFile()) {
        throw new IngotError("object_missing", `There is no object ${key} in ${this.url}.`, {
          context: { key },
        });
      }
      const metadata = await metadataOf(file, info);
      return { ...toInfo(key, info), metadata, body: bytesOf(handle, info, action) };
    } catch (error) {
      await handle?.close();
      throw fileError(error, action);
    }
  }

  async write(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<{ created: boolean }> {
    const target = keyPath(this.#root, key);
    const action = { verb: "write", path: target, key };
    if (options.ifAbsent && (await isFilled(target, action))) {
      await release(body);
      return { created: false };
    }
    const metadata = options.metadata ?? {};
    const written = await writeTemporary(target, body, Object.keys(metadata).length > 0, action);
    try {
      const { ifAbsent = false, ifMatch } = options;
      const publication = { target, written, metadata, ifAbsent, ifMatch };
      return {
        created: await guarded(
          action,
          alone(target, () => publish(publication)),
        ),
      };
    } finally {
      await removeQuietly(written.temporary);
    }
  }

  async delete(key: string): Promise<void> {
    const file = keyPath(this.#root, key);
    const remove = async (): Promise<void> => {
      await ifPresent(removeFile(file));
      // After the object, so that one that remains has its metadata.
      await removeMetadata(file);
    };
    await guarded({ verb: "delete", path: file, key }, alone(file, remove));
  }

  /**
   * Removes what killed writers left behind. It never touches objects.
   *
   * @param olderThanMs only what nobody has written to for so long; more than any writer pauses
   * @param prefix only in folders whose keys begin so
   * @returns how many files were removed
   */
  async removeStaleTemporaries(olderThanMs: number, prefix = ""): Promise<number> {
    const before = Date.now() - olderThanMs;
    let removed = 0;
    const inspect = async (file: string): Promise<string | undefined> => {
      const info = await guarded({ verb: "look at", path: file }, ifPresent(lstat(file)));
      return info && info.mtimeMs <= before ? file : undefined;
    };
    for await (const { facts: file } of walk(this.#root, inspect, { prefix }, isTemporaryName)) {
      await guarded({ verb: "delete", path: file }, rm(file, { force: true }));
      removed++;
    }
    return removed;
  }
}

function toInfo(key: string, version: FileVersion): ObjectInfo {
  const { size, mtimeNs } = version;
  return {
    key,
    size: Number(size),
    etag: etagOf(version),
    modified: new Date(Number(mtimeNs / 1_000_000n)),
  };
}

const openFile = (file: string): Promise<FileHandle | undefined> => ifPresent(open(file, READ_FLAGS));

const metadataOf = (file: string, version: FileVersion) => readMetadata(file, version, () => openFile(file));

async function* bytesOf(
  handle: FileHandle,
  version: FileVersion,
  action: FileAction & { key: string },
): AsyncGenerator<Uint8Array> {
  try {
    let left = Number(version.size);
    while (left > 0) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, left));
      const { bytesRead } = await guarded(action, handle.read(buffer, 0, buffer.length, null));
      if (bytesRead === 0) break;
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    const now = await guarded(action, handle.stat({ bigint: true }));
    if (left > 0 || !sameVersion(now, version)) {
      throw new IngotError(
        "object_changed",
        `${action.path} changed while it was being read. Put files in under another name and rename them.`,
        { context: { key: action.key } },
      );
    }
  } finally {
    await handle.close();
  }
}

async function isFilled(file: string, action: FileAction): Promise<boolean> {
  const info = await guarded(action, ifPresent(lstat(file)));
  return info !== undefined && !info.isDirectory();
}

/** A folder of the key's name is no object, and stays. */
async function removeFile(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (!(await ifPresent(lstat(file)))?.isDirectory()) throw error;
  }
}

/** Lets a body that will not be written free what it holds; one that never began would not. */
async function release(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  if (body instanceof Uint8Array) return;
  for await (const _ of body) break;
}
