import { type Clock, IngotError, type ObjectStat, type ObjectStore } from "@ingot/common";
import { type DatasetDay, dayFolder, prunedKey, sourcesKey } from "./compacted-object.ts";
import { type DaySource, readDaySources } from "./day-sources.ts";

/** A day that is not over is not compacted yet. */
const DAY_MS = 24 * 60 * 60_000;
/** Days that are kept in memory: listings go through days in order. */
const DAYS = 4;
/** What was true so short ago is true enough. */
const FRESH_MS = 5_000;

interface Day {
  etag: string | undefined;
  pruned: ReadonlyMap<string, DaySource>;
  lookedAt: number;
}

/**
 * Silver objects that are in a Parquet file only, because their CSV objects were pruned. To be asked for objects that are
 * not there: one that is there counts, whatever this says.
 */
export class PrunedObjects {
  readonly #silver: ObjectStore;
  readonly #clock: Pick<Clock, "now">;
  readonly #onInvalid: (message: string) => void;
  /** The last days that were asked for, by the key of their lists. */
  readonly #days = new Map<string, Promise<Day>>();

  /** @param onInvalid told of a day's list that cannot be read: its objects count as objects that were never cleaned */
  constructor(
    silver: ObjectStore,
    clock: Pick<Clock, "now">,
    onInvalid: (message: string) => void = () => undefined,
  ) {
    this.#silver = silver;
    this.#clock = clock;
    this.#onInvalid = onInvalid;
  }

  /**
   * The object as it was when it was pruned; `undefined` for one that never was.
   *
   * @throws IngotError of the storage
   */
  async find(silverKey: string): Promise<DaySource | undefined> {
    const place = dayFolder(silverKey);
    if (!place || this.#now() < Date.parse(place.day) + DAY_MS) return undefined;
    return (await this.#day(place)).pruned.get(silverKey);
  }

  /**
   * What is known of a silver object: as it lies there, or else as it was when it was pruned.
   *
   * @throws IngotError of the storage
   */
  async known(silverKey: string): Promise<ObjectStat | DaySource | undefined> {
    return (await this.#silver.stat(silverKey)) ?? (await this.find(silverKey));
  }

  async #day(place: DatasetDay): Promise<Day> {
    const key = sourcesKey(place.dataset, place.day);
    const known = await this.#days.get(key);
    if (known && this.#now() - known.lookedAt < FRESH_MS) return known;
    const day = this.#load(place, known);
    this.#days.delete(key);
    this.#days.set(key, day);
    for (const oldest of this.#days.keys()) if (this.#days.size > DAYS) this.#days.delete(oldest);
    // What failed is to be asked again.
    day.catch(() => this.#days.get(key) === day && this.#days.delete(key));
    return day;
  }

  async #load(place: DatasetDay, known: Day | undefined): Promise<Day> {
    const lookedAt = this.#now();
    const none = { etag: undefined, pruned: new Map(), lookedAt };
    if (!(await this.#silver.stat(prunedKey(place.dataset, place.day)))) return none;
    const stored = await this.#silver.stat(sourcesKey(place.dataset, place.day));
    if (known && known.etag === stored?.etag) return { ...known, lookedAt };
    try {
      const sources = (await readDaySources(this.#silver, place)) ?? [];
      const pruned = new Map(sources.map((source) => [source.key, source]));
      return { etag: stored?.etag, pruned, lookedAt };
    } catch (error) {
      if (!(error instanceof IngotError) || error.code !== "silver_invalid") throw error;
      this.#onInvalid(error.message);
      return { ...none, etag: stored?.etag };
    }
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}
