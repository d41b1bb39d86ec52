import type { Clock, ObjectStore } from "@ingot/common";
import { type PlacedSample, PrunedObjects, type RejectSamples, samplesFromMetadata } from "@ingot/pipelines";
import type { RejectSample } from "../api/contract.ts";
import type { RejectedIn, TakenIn } from "./warehouse-figures.ts";

/**
 * What the cleaner told of rejected records beside the silver objects: they can be read here, and hold nothing personal.
 * Only objects that are new among the newest of a reason are looked at.
 */
export class RejectSampleReader {
  readonly #silver: PrunedObjects;
  #known = new Map<string, RejectSamples>();

  constructor(silver: ObjectStore, clock: Clock) {
    this.#silver = new PrunedObjects(silver, clock);
  }

  /** Looks at the newest objects with rejected records. @throws IngotError of the storage */
  async refresh(rejects: TakenIn["rejects"]): Promise<void> {
    const known = new Map<string, RejectSamples>();
    for (const objects of [...rejects.values()].flatMap((reasons) => [...reasons.values()])) {
      for (const { silverKey } of objects) {
        if (known.has(silverKey)) continue;
        known.set(silverKey, this.#known.get(silverKey) ?? (await this.#read(silverKey)));
      }
    }
    this.#known = known;
  }

  /** Of the newest objects that have such records, one of each. */
  of(objects: readonly RejectedIn[], reason: string): RejectSample[] {
    return objects.flatMap(({ silverKey, bronzeKey }) => {
      const sample = this.#known.get(silverKey)?.[reason];
      return sample ? [shown(sample, bronzeKey)] : [];
    });
  }

  async #read(silverKey: string): Promise<RejectSamples> {
    const object = await this.#silver.known(silverKey);
    return samplesFromMetadata(object?.metadata ?? {});
  }
}

function shown({ place, ...sample }: PlacedSample, source_key: string): RejectSample {
  const at = "line" in place ? { index: place.line - 1, line: place.line } : place;
  return { source_key, ...at, ...sample };
}
