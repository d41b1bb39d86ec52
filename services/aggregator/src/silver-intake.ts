import { createHash } from "node:crypto";
import type { ObjectInfo, ObjectMetadata, ObjectStore, StoredObject } from "@ingot/common";
import { readCsv } from "@ingot/engine";
import { bronzeKey, type Dataset } from "@ingot/pipelines";
import type { SilverCounts, SilverObject } from "@ingot/warehouse";

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
        counts: countsOf(stored.metadata),
        rows: readCsv(hashed, dataset.silverColumns),
        sha256: () => hash.copy().digest("hex"),
      };
    },
  };
}

/** The SHA-256 of an object's bytes. */
export async function hashOf(stored: StoredObject): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stored.body) hash.update(chunk);
  return hash.digest("hex");
}

/** What the cleaner counted; `undefined` where an object was written by something else. */
function countsOf(metadata: ObjectMetadata): SilverCounts {
  const count = (name: string): number | undefined =>
    /^\d+$/.test(metadata[name] ?? "") ? Number(metadata[name]) : undefined;
  return {
    read: count("read"),
    kept: count("kept"),
    rejected: count("rejected"),
    duplicates: count("duplicates"),
    reasons: reasonsOf(metadata.reasons),
  };
}

function reasonsOf(text: string | undefined): Readonly<Record<string, number>> {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}
