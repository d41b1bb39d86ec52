import { chunked } from "./chunked.ts";
import type { Clock } from "./clock.ts";
import { compareKeys, type ObjectInfo, type ObjectStore } from "./storage/object-store.ts";

export interface ScannerLimits {
  /** Up to so many objects, every look is at all of them. */
  wholeUpTo: number;
  /** How many of the last keys of each top folder are listed again at each look. */
  recent: number;
  /**
   * In how many milliseconds looks that are not at everything come by every object nevertheless; at most 1,000 objects a
   * look, so that a lake that is larger than so many looks allow takes longer.
   */
  sweepMs: number;
}

export const SCANNER_LIMITS: ScannerLimits = { wholeUpTo: 5_000, recent: 300, sweepMs: 30 * 60_000 };

/** Objects that are handed out together, about a page of a listing. */
const CHUNK = 1_000;
/** Hinted and pending objects asked for at the same time. */
const PARALLEL = 16;

/**
 * Finds what is new in a layer at a cost that does not grow with what is old.
 *
 * A small layer is listed whole at each look. In a large one a look comes by
 *
 * - what the storage has told of (`hint`);
 * - what it showed before and nobody has settled;
 * - what sorts after the last keys seen in each top folder: names with dates in them grow;
 * - a piece of all the rest, in turn, so that within `sweepMs` it has come by everything, or after a look for each
 *   1,000 objects where that takes longer. A file with an old name, in an old folder, of which nobody told, is found
 *   then at the latest.
 *
 * An object is shown until it is settled, and again when its ETag changes.
 */
export class LayerScanner {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #limits: ScannerLimits;
  readonly #without: readonly string[];
  readonly #hints = new Set<string>();
  /** Shown, and not settled yet. */
  readonly #pending = new Set<string>();
  /** ETags of settled objects, for the last keys of each top folder. */
  #settled = new Map<string, string>();
  /** The last keys of each top folder, in order. */
  readonly #tails = new Map<string, string[]>();
  /** How many objects there are, as the last look at all of them counted; undefined before it came to its end. */
  #count: number | undefined;
  #sweep = { after: "", counted: 0, lookedAt: 0 };

  /** @param without folders with their closing slash of which nothing is shown: they are somebody else's */
  constructor(
    store: ObjectStore,
    clock: Clock,
    limits: ScannerLimits = SCANNER_LIMITS,
    without: readonly string[] = [],
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
    this.#without = without;
  }

  /** Something may have happened to this object. Only ever a hint. */
  hint(key: string): void {
    if (!this.#without.some((folder) => key.startsWith(folder))) this.#hints.add(key);
  }

  /** The object, as it was shown, needs no further work. */
  settle({ key, etag }: Pick<ObjectInfo, "key" | "etag">): void {
    this.#pending.delete(key);
    this.#settled.set(key, etag);
  }

  /**
   * Objects that may be new, in chunks; the keys of a chunk ascend. Each is pending until it is settled.
   *
   * @param whole look at everything, whatever its size
   * @throws IngotError of the storage; what was not shown is at the next look
   */
  async *look(whole = false): AsyncGenerator<ObjectInfo[]> {
    const isSmall = this.#count !== undefined && this.#count <= this.#limits.wholeUpTo;
    const isTooMuch = this.#pending.size + this.#hints.size > this.#limits.wholeUpTo;
    if (whole || isSmall || isTooMuch || this.#count === undefined) yield* this.#lookAtAll();
    else yield* this.#lookAround();
  }

  async *#lookAtAll(): AsyncGenerator<ObjectInfo[]> {
    // A look that breaks off has to be repeated as a whole.
    this.#count = undefined;
    this.#hints.clear();
    this.#pending.clear();
    this.#settled.clear();
    this.#tails.clear();
    let count = 0;
    for await (const chunk of chunked(this.#store.list({ without: this.#without }), CHUNK)) {
      count += chunk.length;
      this.#addToTails(chunk);
      yield this.#shown(chunk);
    }
    this.#count = count;
    this.#sweep = { after: "", counted: 0, lookedAt: this.#clock.now().getTime() };
  }

  async *#lookAround(): AsyncGenerator<ObjectInfo[]> {
    const seen = new Set<string>();
    for (const folder of [...this.#tails.keys()]) yield* this.#lookAtTail(folder, seen);
    const asked = [...this.#hints, ...this.#pending].filter((key) => !seen.has(key)).sort(compareKeys);
    for (let at = 0; at < asked.length; at += PARALLEL) {
      const keys = asked.slice(at, at + PARALLEL);
      const found = await Promise.all(keys.map((key) => this.#store.stat(key)));
      for (const [i, key] of keys.entries()) if (!found[i]) this.#pending.delete(key);
      yield this.#shown(found.filter((info) => info !== undefined));
      for (const key of keys) this.#hints.delete(key);
    }
    for (const key of seen) this.#hints.delete(key);
    yield* this.#lookFurther();
    this.#forgetOld();
  }

  /** The last keys of a top folder, and what comes after them. */
  async *#lookAtTail(folder: string, seen: Set<string>): AsyncGenerator<ObjectInfo[]> {
    const startAfter = this.#tails.get(folder)![0]!;
    const tail = [startAfter];
    for await (const chunk of chunked(this.#store.list({ prefix: folder, startAfter }), CHUNK)) {
      for (const { key } of chunk) {
        tail.push(key);
        seen.add(key);
      }
      yield this.#shown(chunk.filter((info) => this.#settled.get(info.key) !== info.etag));
    }
    this.#tails.set(folder, tail.slice(-this.#limits.recent));
  }

  /** The next piece of everything, as often as it must be to come round in time. */
  async *#lookFurther(): AsyncGenerator<ObjectInfo[]> {
    const sweep = this.#sweep;
    const now = this.#clock.now().getTime();
    const due = ((this.#count ?? 0) * (now - sweep.lookedAt)) / this.#limits.sweepMs;
    if (due < CHUNK) return;
    const options = { startAfter: sweep.after, without: this.#without };
    for await (const chunk of chunked(this.#store.list(options), CHUNK)) {
      this.#addToTails(chunk.filter(({ key }) => !this.#tails.has(topFolder(key))));
      // Settled ones too: somebody may have undone what settled them.
      yield this.#shown(chunk);
      sweep.after = chunk.at(-1)!.key;
      sweep.counted += chunk.length;
      sweep.lookedAt = now;
      // One chunk a look: a look must not cost more for what is old. What is due beyond it waits.
      if (chunk.length === CHUNK) return;
    }
    this.#count = sweep.counted;
    this.#sweep = { after: "", counted: 0, lookedAt: now };
  }

  #shown(chunk: ObjectInfo[]): ObjectInfo[] {
    for (const { key } of chunk) this.#pending.add(key);
    return chunk;
  }

  /** Keeps the last keys of each top folder; the keys of one folder come in ascending order. */
  #addToTails(chunk: readonly ObjectInfo[]): void {
    for (const { key } of chunk) {
      const folder = topFolder(key);
      // What lies in no folder has everything else after it: it is left to hints and turns.
      if (folder === "") continue;
      const tail = this.#tails.get(folder) ?? [];
      tail.push(key);
      if (tail.length >= 2 * this.#limits.recent) tail.splice(0, this.#limits.recent);
      this.#tails.set(folder, tail);
    }
  }

  /** Whatever is not among the last keys comes by again in its turn; to remember it would take memory without end. */
  #forgetOld(): void {
    const recent = new Map<string, string>();
    for (const tail of this.#tails.values()) {
      for (const key of tail) {
        const etag = this.#settled.get(key);
        if (etag !== undefined) recent.set(key, etag);
      }
    }
    this.#settled = recent;
  }
}

/** The first folder of a key with its slash; empty for a key that lies in none. */
function topFolder(key: string): string {
  return key.slice(0, key.indexOf("/") + 1);
}
