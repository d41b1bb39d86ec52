import { createHash } from "node:crypto";
import { createCleaner } from "@ingot/cleaner";
import {
  type CommandContext,
  IngotError,
  inParallel,
  type Lake,
  type ObjectStore,
  overriding,
  sha256Of,
} from "@ingot/common";
import { PrunedObjects, silverKey } from "@ingot/pipelines";
import { type Listed, PARALLEL } from "./listed-lake.ts";

/**
 * Makes sure that cleaning with these options gives what silver has: otherwise, with another EMAIL_HASH_KEY say, cleaning
 * a file anew would change the rows of everybody in it. Nothing is written.
 *
 * @throws IngotError `invalid_option` where it gives something else; of the storage
 */
export async function checkSameOptions(
  lake: Lake,
  objects: readonly Listed[],
  { settings, signal, clock, logger }: CommandContext,
): Promise<void> {
  const pruned = new PrunedObjects(lake.silver, clock);
  const hashes = new Map<string, string>();
  const { businessTimezone, emailHashKey, cleanerConcurrency: concurrency } = settings;
  const cleaner = createCleaner({
    lake: {
      bronze: lake.bronze,
      silver: hashing(lake.silver, hashes),
      quarantine: hashing(lake.quarantine, new Map()),
    },
    businessTimezone,
    emailHashKey,
    concurrency,
    clock,
    logger: logger("cleaner", { usualLevel: "warn" }),
  });
  const expected = new Map<string, string>();
  const cleaned = await inParallel(objects, PARALLEL, async ({ info, dataset }) => {
    const target = silverKey(dataset, info.key);
    const source = await pruned.known(target);
    // Silver of other bytes says nothing about the options.
    if (source?.metadata.source_etag !== info.etag) return [];
    const hash = "sha256" in source ? source.sha256 : await sha256Of((await lake.silver.read(target)).body);
    expected.set(target, hash);
    return [info];
  });
  await cleaner.cleanAnew(cleaned.flat(), signal);
  signal.throwIfAborted();
  for (const [key, hash] of expected) {
    const now = hashes.get(key);
    if (now === undefined || now === hash) continue;
    throw new IngotError(
      "invalid_option",
      `Nothing was changed: cleaning gives another ${key} than there is in silver. Set EMAIL_HASH_KEY and BUSINESS_TIMEZONE ` +
        "as your cleaner has them; if they are, and Ingot was updated since, run `ingot rebuild --from bronze` first.",
      { context: { layer: "silver", key } },
    );
  }
}

/** A store that takes nothing in, but notes the hash of each body that it is given. */
function hashing(store: ObjectStore, hashes: Map<string, string>): ObjectStore {
  return overriding(store, {
    write: async (key, body) => {
      hashes.set(
        key,
        body instanceof Uint8Array ? createHash("sha256").update(body).digest("hex") : await sha256Of(body),
      );
      return { created: true };
    },
    delete: async () => undefined,
  });
}
