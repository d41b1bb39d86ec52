import { createHash } from "node:crypto";
import type { ObjectInfo, ObjectStore } from "@ingot/common";
import { readCsv } from "@ingot/engine";
import { bronzeKey, countsFromMetadata, type Dataset } from "@ingot/pipelines";
import type { SilverObject } from "@ingot/warehouse";

/** A silver object in a listing, and what it holds. */
export interface ListedSilver {
  info: ObjectInfo;
  dataset: Dataset;
}

/** A silver object as the warehouse takes it in: opened when its turn comes, hashed while it is read. */
export function toSilverObject(silver: ObjectStore, { info, dataset }: ListedSilver): SilverObject {
  return {
    key: info.key,
    bronzeKey: bronzeKey(dataset, info.key),
    dataset: dataset.name,
    open: async () => {
      const stored = await silver.read(info.key);
      const hash = createHash("sha256");
      const hashed = (async function* () {
        for await (const chunk of stored.body) {
          hash.update(chunk);
          yield chunk;
        }
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
