import { stat } from "node:fs/promises";
import { guarded, ifPresent } from "./errors.ts";

/** To read the names of fewer entries again costs hardly more than to see whether they are still the same. */
const LARGE = 1_000;
const FOLDERS = 8;
/** File systems write times down in steps; the coarsest that are in use take two seconds. */
const TIME_STEP_MS = 3_000;
/** File systems of networks may tell of a change late; some others never tell. */
const MAX_AGE_MS = 60_000;

interface Known<T> {
  modifiedNs: bigint;
  readAt: number;
  entries: readonly T[];
}

/**
 * Entries of large folders, kept as long as the folder's own time says that none came or went. What was changed so lately
 * that another change might bear the same time is read again, and so is everything after a minute.
 */
export class FolderCache<T> {
  readonly #now: () => number;
  /** By path; the one that was asked for last at the end. */
  readonly #folders = new Map<string, Known<T>>();

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The folder's entries, from memory or from `read`. */
  async entries(folder: string, read: () => Promise<readonly T[]>): Promise<readonly T[]> {
    const readAt = this.#now();
    const known = this.#folders.get(folder);
    this.#folders.delete(folder);
    const action = { verb: "list", path: folder };
    const modifiedNs = (await guarded(action, ifPresent(stat(folder, { bigint: true }))))?.mtimeNs;
    const isSame = known?.modifiedNs === modifiedNs && readAt - (known?.readAt ?? 0) < MAX_AGE_MS;
    if (known && isSame) return this.#keep(folder, known);
    const entries = await read();
    const isSettled = modifiedNs !== undefined && readAt - Number(modifiedNs / 1_000_000n) > TIME_STEP_MS;
    return entries.length >= LARGE && isSettled
      ? this.#keep(folder, { modifiedNs, readAt, entries })
      : entries;
  }

  #keep(folder: string, known: Known<T>): readonly T[] {
    this.#folders.set(folder, known);
    for (const oldest of this.#folders.keys()) if (this.#folders.size > FOLDERS) this.#folders.delete(oldest);
    return known.entries;
  }
}
