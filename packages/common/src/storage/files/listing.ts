import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { compareKeys, type ListOptions } from "../object-store.ts";
import { guarded, ifPresent } from "./errors.ts";
import { FolderCache } from "./folder-cache.ts";
import { isObjectName, isReservedName } from "./names.ts";

export interface ListedFile<T> {
  key: string;
  facts: T;
}

/** Files whose facts are asked for at the same time. */
const PARALLEL = 64;

/**
 * All files below `root` in ascending order of the UTF-8 bytes of their keys, holding one folder for each level in
 * memory. Links to files are followed, links to folders are not (they could lead in circles). A name that is not
 * valid UTF-8 has no key and is left out.
 *
 * @param inspect asks for a file's facts; `undefined` leaves it out (it has vanished, or is no file)
 * @param accepts which files are looked at, by base name
 * @param cache what is known of folders from walks with the same `accepts`
 */
export async function* walk<T>(
  root: string,
  inspect: (file: string, key: string) => Promise<T | undefined>,
  { prefix = "", startAfter = "", without = [] }: ListOptions = {},
  accepts: (name: string) => boolean = isObjectName,
  cache = new FolderCache<Entry>(),
): AsyncGenerator<ListedFile<T>> {
  const start = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const isLeftOut = (folder: string): boolean => without.some((one) => folder.startsWith(one));
  if (!isLeftOut(start) && (await isWalkable(root, start))) yield* walkFolder(start);

  async function* walkFolder(folder: string): AsyncGenerator<ListedFile<T>> {
    const directory = path.join(root, folder);
    const entries = await cache.entries(directory, () => readEntries(directory, folder, accepts));
    const wanted = entries.filter(
      ({ key, isFolder }) =>
        canMatch(key, isFolder, prefix, startAfter) && !(isFolder && without.includes(key)),
    );
    for (let at = 0; at < wanted.length; at += PARALLEL) {
      const batch = wanted.slice(at, at + PARALLEL);
      const facts = await Promise.all(
        batch.map(({ key, isFolder }) => (isFolder ? undefined : inspect(path.join(root, key), key))),
      );
      for (const [i, { key, isFolder }] of batch.entries()) {
        const found = facts[i];
        if (isFolder) yield* walkFolder(key);
        else if (found !== undefined) yield { key, facts: found };
      }
    }
  }
}

export interface Entry {
  /** A folder's ends with a slash: so it sorts as the keys in it do. */
  key: string;
  isFolder: boolean;
}

async function readEntries(
  directory: string,
  folder: string,
  accepts: (name: string) => boolean,
): Promise<Entry[]> {
  const action = { verb: "list", path: directory };
  // A folder that has vanished since its parent was read is empty, like a layer that was never written to.
  const found = (await guarded(action, ifPresent(readdir(directory, { withFileTypes: true })))) ?? [];
  return found
    .filter((entry) =>
      entry.isDirectory() ? !isReservedName(entry.name) : isFile(entry) && accepts(entry.name),
    )
    .map((entry) => {
      const isFolder = entry.isDirectory();
      return { key: folder + entry.name + (isFolder ? "/" : ""), isFolder };
    })
    .sort((a, b) => compareKeys(a.key, b.key));
}

/** Devices, pipes and sockets are no objects: reading one might never end. */
const isFile = (entry: Dirent): boolean => entry.isFile() || entry.isSymbolicLink();

function canMatch(key: string, isFolder: boolean, prefix: string, startAfter: string): boolean {
  if (!isFolder) return key.startsWith(prefix) && (startAfter === "" || compareKeys(key, startAfter) > 0);
  if (!key.startsWith(prefix) && !prefix.startsWith(key)) return false;
  return startAfter === "" || compareKeys(key, startAfter) > 0 || startAfter.startsWith(key);
}

/** True where the prefix's folder is one that a walk from the root would come to: no `..`, no link. */
async function isWalkable(root: string, folder: string): Promise<boolean> {
  let directory = root;
  for (const segment of folder.split("/").slice(0, -1)) {
    if (segment === "" || segment === "." || segment === ".." || /[\\\0]/.test(segment)) return false;
    if (isReservedName(segment)) return false;
    directory = path.join(directory, segment);
    const info = await guarded({ verb: "list", path: directory }, ifPresent(lstat(directory)));
    if (!info?.isDirectory()) return false;
  }
  return true;
}
