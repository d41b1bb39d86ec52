import {
  type Clock,
  chunked,
  IngotError,
  type Lake,
  type ObjectInfo,
  type ObjectMetadata,
  type ObjectStore,
} from "@ingot/common";
import {
  bronzeKey,
  DATASETS,
  type Dataset,
  datasetOfBronze,
  datasetOfSilver,
  silverKey,
} from "../datasets.ts";
import { isSchemaObject } from "../schemas/index.ts";
import { type DatasetDay, dayFolder, prunedDay, sourcesDay } from "../tables/compacted-object.ts";
import { readDaySources } from "../tables/day-sources.ts";
import { PrunedObjects } from "../tables/pruned-objects.ts";
import { KeySet } from "./key-set.ts";
import { LayerCount } from "./layer-count.ts";

/** An object on which a service has to work yet. */
export interface WaitingObject {
  dataset: Dataset;
  modified: Date;
  /** What the cleaner wrote beside it, of an object that is in a Parquet file only. */
  metadata?: ObjectMetadata;
}

export interface SurveyOptions {
  /** Those of these silver keys that are in gold already. */
  inGold(keys: readonly string[]): { has(key: string): boolean };
  clock: Pick<Clock, "now">;
  /** Told of a pruned day's list that cannot be read; without it, that is thrown. */
  onInvalid?: (message: string) => void;
  /** ETags of the lists of pruned days whose objects are all in gold: kept from one survey to the next by the caller. */
  settledDays?: Map<string, string>;
  /** Ends a look, which then throws the signal's reason. */
  signal?: AbortSignal;
}

const CHUNK = 1_000;

/**
 * What lies in bronze, silver and quarantine, and what waits for the cleaner and the aggregator. Changes nothing, and needs
 * no more than the right to list these layers, and to read silver. Its memory does not grow by more than 16 bytes for each
 * object that does not wait.
 */
export class LakeSurvey {
  readonly layers: Readonly<Record<"bronze" | "silver" | "quarantine", LayerCount>>;
  /** Bronze objects that are not cleaned yet, by key. */
  readonly bronze = new Map<string, WaitingObject>();
  /** Silver objects that are not in gold yet, by key. */
  readonly silver = new Map<string, WaitingObject>();
  /** Keys of silver's schemas. */
  readonly schemas: string[] = [];
  /** Bronze objects that are no input. */
  readonly unrecognised: string[] = [];
  /** When the cleaner last wrote. */
  cleanedAt: Date | undefined;
  readonly #options: SurveyOptions;
  readonly #pruned: PrunedObjects;
  readonly #cleaned = new KeySet();
  readonly #silver: ObjectStore;
  readonly #prunedDays = new Map<string, DatasetDay & { modified: Date }>();
  /** ETags of days' lists of sources. */
  readonly #lists = new Map<string, string>();

  constructor({ bronze, silver, quarantine }: SurveyedLake, options: SurveyOptions) {
    this.#silver = silver;
    const { signal } = options;
    this.layers = {
      bronze: new LayerCount(bronze, { signal }),
      silver: new LayerCount(silver, { signal, counts: (key) => !isSchemaObject(key) }),
      quarantine: new LayerCount(quarantine, { signal }),
    };
    this.#options = options;
    this.#pruned = new PrunedObjects(silver, options.clock, options.onInvalid);
  }

  /** Looks at everything; to be called once, and first. @throws IngotError of the storage */
  async look(): Promise<void> {
    const { bronze, silver, quarantine } = this.layers;
    await this.#addSilver(silver.all());
    await this.#addPruned();
    await this.#addBronze(bronze.all());
    for await (const _ of quarantine.all());
    // What was cleaned meanwhile does not wait.
    await this.#addSilver(silver.newer());
  }

  /** Looks at what has come since, as far as it follows what was there in the order of names. @throws as `look` */
  async follow(): Promise<void> {
    const { bronze, silver, quarantine } = this.layers;
    await this.#addBronze(bronze.newer());
    await this.#addSilver(silver.newer());
    for await (const _ of quarantine.newer());
  }

  /** This silver object is in gold now; `source` is the bronze object that it was made of. */
  settle(key: string, source: string): void {
    this.silver.delete(key);
    this.bronze.delete(source);
  }

  /** When the oldest object came that is not in gold yet; `undefined` where all are. */
  oldest(...layers: ("bronze" | "silver")[]): Date | undefined {
    let oldest: Date | undefined;
    for (const layer of layers) {
      for (const { modified } of this[layer].values()) if (!oldest || modified < oldest) oldest = modified;
    }
    return oldest;
  }

  async #addSilver(listing: AsyncIterable<ObjectInfo>): Promise<void> {
    for await (const chunk of chunked(listing, CHUNK)) {
      const found = chunk.flatMap((info) => {
        const dataset = datasetOfSilver(info.key);
        if (!dataset) this.#addOther(info);
        return dataset ? [{ ...info, dataset }] : [];
      });
      for (const { key, dataset, modified } of found) {
        this.#cleaned.add(key);
        this.bronze.delete(bronzeKey(dataset, key));
        if (!this.cleanedAt || modified > this.cleanedAt) this.cleanedAt = modified;
      }
      this.#addWaiting(found);
    }
  }

  #addWaiting(objects: readonly (WaitingObject & { key: string })[]): void {
    if (objects.length === 0) return;
    const known = this.#options.inGold(objects.map(({ key }) => key));
    for (const { key, dataset, modified, metadata } of objects)
      if (!known.has(key)) this.silver.set(key, { dataset, modified, ...(metadata && { metadata }) });
  }

  #addOther({ key, modified, etag }: ObjectInfo): void {
    if (isSchemaObject(key)) this.schemas.push(key);
    const pruned = prunedDay(key);
    if (pruned) this.#prunedDays.set(nameOf(pruned), { ...pruned, modified });
    const listed = sourcesDay(key);
    if (listed) this.#lists.set(nameOf(listed), etag);
  }

  async #addPruned(): Promise<void> {
    const { settledDays, onInvalid } = this.#options;
    for (const [name, day] of this.#prunedDays) {
      const etag = this.#lists.get(name);
      if (etag !== undefined && settledDays?.get(name) === etag) continue;
      try {
        const dataset = DATASETS[day.dataset];
        const sources = (await readDaySources(this.#silver, day)) ?? [];
        const gone = sources.filter(({ key }) => !this.#cleaned.has(key));
        this.#addWaiting(
          gone.map(({ key, metadata }) => ({ key, metadata, dataset, modified: day.modified })),
        );
        const areInGold = !sources.some(({ key }) => this.silver.has(key));
        if (areInGold && etag !== undefined) settledDays?.set(name, etag);
      } catch (error) {
        if (!onInvalid || !(error instanceof IngotError) || error.code !== "silver_invalid") throw error;
        onInvalid(error.message);
      }
    }
  }

  async #addBronze(listing: AsyncIterable<ObjectInfo>): Promise<void> {
    for await (const { key, modified } of listing) {
      const dataset = datasetOfBronze(key);
      if (!dataset) {
        this.unrecognised.push(key);
        continue;
      }
      const target = silverKey(dataset, key);
      if (!this.#cleaned.has(target) && !(await this.#isPruned(target)))
        this.bronze.set(key, { dataset, modified });
    }
  }

  async #isPruned(target: string): Promise<boolean> {
    const day = dayFolder(target);
    if (!day || !this.#prunedDays.has(nameOf(day))) return false;
    return (await this.#pruned.find(target)) !== undefined;
  }
}

export type SurveyedLake = Pick<Lake, "bronze" | "silver" | "quarantine">;

const nameOf = ({ dataset, day }: DatasetDay): string => `${dataset} ${day}`;
