import { type FSWatcher, watch } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { messageOf } from "../../errors.ts";
import type { Watch, WatchOptions } from "../watch.ts";
import { errnoOf, ifPresent } from "./errors.ts";
import { isReservedName } from "./names.ts";

/** How often to look for a folder that is not there yet. */
const APPEAR_MS = 500;
/** How often to make sure that the watched folder is still the one of this name: its parents may have been moved. */
const IDENTITY_MS = 30_000;

const LIMITS: Readonly<Record<string, string>> = {
  ENOSPC: "the system watches as many folders as it may (sysctl fs.inotify.max_user_watches)",
  EMFILE:
    "the system has as many watchers or open files as it may (sysctl fs.inotify.max_user_instances, ulimit -n)",
};

/**
 * Watches a folder with all that is below it. The folder may come later, go and come again.
 *
 * One watcher for each folder, none for files: Node's own recursive watching takes one for each file on Linux, reads
 * the whole tree before it returns, and a whole folder again for each new file in it.
 */
export function watchFolder(root: string, options: WatchOptions): Watch {
  const tree = new FolderWatch(root, options);
  return { close: async () => tree.close() };
}

class FolderWatch {
  readonly #root: string;
  readonly #options: WatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Paths that something happened to, looked at one after the other. */
  readonly #touched = new Set<string>();
  #isWorking = false;
  #timer: NodeJS.Timeout | undefined;
  /** Device and number of the root while it is watched. */
  #identity = "";
  #isUnable = false;
  #isClosed = false;

  constructor(root: string, options: WatchOptions) {
    this.#root = path.resolve(root);
    this.#options = options;
    this.#touch(this.#root);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#touched.clear();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** @param file absent where anything may have changed */
  #hint(file?: string): void {
    if (this.#isClosed) return;
    this.#options.onChange(
      file === undefined ? undefined : path.relative(this.#root, file).replaceAll(path.sep, "/"),
    );
  }

  #touch(file: string): void {
    if (this.#isClosed) return;
    this.#touched.add(file);
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    // A set hands out what is added while it is gone through.
    for (const file of this.#touched) {
      this.#touched.delete(file);
      try {
        await this.#look(file);
      } catch (error) {
        this.#unable(error);
      }
    }
    this.#isWorking = false;
  }

  async #look(file: string): Promise<void> {
    const info = file === this.#root ? undefined : await ifPresent(lstat(file));
    if (file === this.#root) await this.#lookAtRoot();
    else if (!info) this.#forget(file);
    else if (info.isDirectory()) await this.#enter(file);
    else this.#hint(file);
  }

  async #lookAtRoot(): Promise<void> {
    let identity = "";
    try {
      const info = await ifPresent(stat(this.#root, { bigint: true }));
      if (info?.isDirectory()) identity = `${info.dev}:${info.ino}`;
      // A folder made anew may have the number of the one that was deleted, whose watcher is gone by now.
      if (identity === this.#identity && this.#watchers.has(this.#root)) return;
      this.#forget(this.#root);
      if (identity !== "") {
        await this.#enter(this.#root);
        this.#hint();
      }
    } finally {
      this.#identity = identity;
      clearTimeout(this.#timer);
      const ms = identity === "" ? APPEAR_MS : IDENTITY_MS;
      if (!this.#isClosed) this.#timer = setTimeout(() => this.#touch(this.#root), ms).unref();
    }
  }

  /** Watches a folder and those below it, anew if they were watched before. */
  async #enter(folder: string): Promise<void> {
    this.#forget(folder);
    const folders = [folder];
    for (let next = folders.pop(); next !== undefined && !this.#isClosed; next = folders.pop()) {
      try {
        // First watched, then read: what is put in meanwhile is seen in one way or the other.
        this.#watch(next);
        for (const entry of await readdir(next, { withFileTypes: true })) {
          if (isReservedName(entry.name)) continue;
          if (entry.isDirectory()) folders.push(path.join(next, entry.name));
          // What lies in the root was there before anybody watched.
          else if (folder !== this.#root) this.#hint(path.join(next, entry.name));
        }
      } catch (error) {
        const code = errnoOf(error) ?? "";
        if (code !== "ENOENT") this.#unable(error);
        if (code in LIMITS) return;
      }
    }
  }

  #watch(folder: string): void {
    this.#watchers.get(folder)?.close();
    const watcher = watch(folder, { persistent: false });
    watcher.on("change", (kind, name) => this.#changed(folder, kind, name?.toString()));
    // A folder that vanishes is an error on some systems; its parent, or the next look at the root, tells the rest.
    watcher.on("error", () => watcher.close());
    this.#watchers.set(folder, watcher);
  }

  #changed(folder: string, kind: string, name: string | undefined): void {
    if (name !== undefined && isReservedName(name)) return;
    // Names come and go with the other kind; only then is it worth a look whether it is a folder, or gone.
    if (name === undefined || kind === "change") {
      this.#hint(name === undefined ? undefined : path.join(folder, name));
      return;
    }
    this.#touch(path.join(folder, name));
    // A folder tells its own end by its own name.
    if (folder === this.#root && name === path.basename(folder)) {
      this.#forget(folder);
      this.#touch(folder);
    }
  }

  /** Ends the watching of a folder and those below it. */
  #forget(folder: string): void {
    if (!this.#watchers.has(folder)) return;
    const below = folder + path.sep;
    for (const [watched, watcher] of this.#watchers) {
      if (watched !== folder && !watched.startsWith(below)) continue;
      watcher.close();
      this.#watchers.delete(watched);
    }
  }

  #unable(error: unknown): void {
    if (this.#isUnable || this.#isClosed) return;
    this.#isUnable = true;
    const code = errnoOf(error) ?? messageOf(error);
    this.#options.onUnable(`${this.#root} cannot be watched: ${LIMITS[code] ?? code}`);
  }
}
