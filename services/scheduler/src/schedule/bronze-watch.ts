import type { Clock, Logger, ObjectStore } from "@ingot/common";
import type { Pipeline } from "@ingot/engine/batch";
import type { Batches, Inputs } from "../batches.ts";

export interface Sighting extends Inputs {
  /** Milliseconds until nothing will have been added for long enough; 0 where that is so. */
  quietInMs: number;
}

/** Looks what lies in bronze for a pipeline; one listing a look. */
export class BronzeWatch {
  readonly #pipeline: Pipeline;
  readonly #inputs: Batches["inputs"];
  readonly #bronze: ObjectStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #quietMs: number;
  #hasFiles = false;
  #seen: { fingerprint: string; sinceMs: number } | undefined;
  #ignored = 0;

  /** @param quietMs for which nothing may have been added: whoever copies several files in does so one after the other */
  constructor(pipeline: Pipeline, { inputs, bronze, clock, logger, quietMs }: WatchOptions) {
    this.#pipeline = pipeline;
    this.#inputs = inputs;
    this.#bronze = bronze;
    this.#clock = clock;
    this.#logger = logger;
    this.#quietMs = Math.max(quietMs, bronze.settleMs);
  }

  /** What is there; `undefined` where the pipeline has no file yet. @throws IngotError of the storage */
  async look(): Promise<Sighting | undefined> {
    // What reads pipelines' files is not even loaded where there are none.
    this.#hasFiles ||= await this.#isAnythingThere();
    if (!this.#hasFiles) return undefined;
    const inputs = await this.#inputs(this.#pipeline, this.#bronze);
    this.#tellIgnored(inputs);
    if (inputs.objects.length === 0) return undefined;
    return { ...inputs, quietInMs: this.#quietIn(inputs) };
  }

  async #isAnythingThere(): Promise<boolean> {
    for await (const _ of this.#bronze.list({ prefix: `${this.#pipeline.name}/` })) return true;
    return false;
  }

  #quietIn({ objects, fingerprint }: Inputs): number {
    const nowMs = this.#clock.now().getTime();
    if (this.#seen?.fingerprint !== fingerprint) this.#seen = { fingerprint, sinceMs: nowMs };
    const newestMs = Math.max(...objects.map(({ modified }) => modified.getTime()));
    // A file from the future has a clock that is wrong: then it counts how long it has been seen.
    const quietMs = Math.max(Math.abs(nowMs - this.#seen.sinceMs), nowMs - newestMs);
    return Math.max(0, this.#quietMs - quietMs);
  }

  #tellIgnored({ ignored }: Inputs): void {
    if (ignored.length > this.#ignored) {
      const files = ignored.length === 1 ? "a file that is" : `${ignored.length} files that are`;
      this.#logger.warn(`${this.#pipeline.name}: bronze has ${files} of no table, such as ${ignored.at(-1)}`);
    }
    this.#ignored = ignored.length;
  }
}

export interface WatchOptions {
  inputs: Batches["inputs"];
  bronze: ObjectStore;
  clock: Clock;
  logger: Logger;
  /** Milliseconds. */
  quietMs: number;
}
