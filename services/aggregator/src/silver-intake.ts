import { createHash } from "node:crypto";
import type { MeteredObject, ObjectInfo, ObjectStore } from "@ingot/common";
import { readCsv } from "@ingot/engine";
import { bronzeKey, countsFromMetadata, type Dataset } from "@ingot/pipelines";
import { type SilverObject, SMALL_OBJECT_BYTES } from "@ingot/warehouse";

/** A silver object in a listing, and what it holds. */
export interface ListedSilver {
  info: ObjectInfo;
  dataset: Dataset;
}

/**
 * A silver object as the warehouse takes it in: hashed while it is read. A small one may be opened long before it is read;
 * its bytes are held in memory by then, and not a connection.
 *
 * @param metered told of its bytes as they are read
 */
export function toSilverObject(
  silver: Pick<ObjectStore, "read">,
  { info, dataset }: ListedSilver,
  metered?: MeteredObject,
): SilverObject {
  return {
    key: info.key,
    size: info.size,
    bronzeKey: bronzeKey(dataset, info.key),
    dataset: dataset.name,
    open: async () => {
      const stored = await silver.read(info.key);
      const body = info.size <= SMALL_OBJECT_BYTES ? await Array.fromAsync(stored.body) : stored.body;
      const hash = createHash("sha256");
      const hashed = (async function* () {
        for await (const chunk of body) {
          hash.update(chunk);
          metered?.read(chunk.length);
          yield chunk;
        }
        metered?.end();
      })();
      return {
        etag: stored.etag,
        counts: countsFromMetadata(stored.metadata),
        rows: readCsv(hashed, dataset.silverColumns),
        sha256: () => hash.copy().digest("hex"),
      };
    },
  };
}
