import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { IngotError } from "../errors.ts";
import { type LakeLocation, placeOf } from "../lake-location.ts";
import { LAYERS, type Layer } from "../object-names.ts";
import type { Settings } from "../options.ts";
import { errnoOf, fileError } from "./files/errors.ts";

/** Days after which objects of a layer are deleted; absent for never. */
export type Retention = Partial<Record<"bronze" | "quarantine", number>>;

/** The retention that the options ask for. */
export function retentionOf(
  settings: Pick<Settings, "bronzeRetentionDays" | "quarantineRetentionDays">,
): Retention {
  const { bronzeRetentionDays: bronze, quarantineRetentionDays: quarantine } = settings;
  return {
    ...(bronze === undefined ? {} : { bronze }),
    ...(quarantine === undefined ? {} : { quarantine }),
  };
}

/** One thing that was done to prepare a lake, or need not be done. */
export interface ProvisionStep {
  /** The folder, or the bucket as `s3://name`. */
  target: string;
  subject: "folder" | "bucket" | "versioning" | "lifecycle rule";
  /**
   * - `left`: something that people decided otherwise, or that is no business of this lake alone
   * - `unsupported`: the store cannot do it
   */
  outcome: "created" | "changed" | "removed" | "present" | "left" | "unsupported";
  /** The same for people, as it stands after the target. */
  text: string;
}

/**
 * Who deletes what is too old in a layer, as far as the storage is concerned:
 *
 * - a number: the store does, by our lifecycle rule, after so many days
 * - `no rule`: the store could, but has no rule of ours
 * - `unsupported`: the storage has no lifecycle rules
 * - `hidden`: these credentials may not see the rules
 */
export type StoreExpiry = number | "no rule" | "unsupported" | "hidden";

/**
 * Makes the folders or buckets of a lake that are missing, and brings versioning and lifecycle rules of buckets to what
 * the lake needs. May be called at any time, and by several at once; touches nothing of others.
 *
 * @throws IngotError of the storage; `bucket_taken`, `storage_denied`
 */
export async function provisionLake(location: LakeLocation, retention: Retention): Promise<ProvisionStep[]> {
  if (location.s3) {
    // Loaded here only: a folder lake must not pay for the clients.
    const { provisionS3 } = await import("./s3/provision.ts");
    return provisionS3(location.s3, placesOf(location), retention);
  }
  const root = fileURLToPath(location.url);
  const steps: ProvisionStep[] = [];
  for (const layer of LAYERS) steps.push(await makeFolder(path.join(root, location.buckets[layer])));
  return steps;
}

/** Whether the storage itself deletes what is too old in a layer. @throws IngotError of the storage */
export async function storeExpiry(location: LakeLocation, layer: Layer): Promise<StoreExpiry> {
  if (!location.s3) return "unsupported";
  const { readExpiry } = await import("./s3/provision.ts");
  return readExpiry(location.s3, { layer, ...placeOf(layer, location.url, location.buckets) });
}

function placesOf({ url, buckets }: LakeLocation) {
  return LAYERS.map((layer) => ({ layer, ...placeOf(layer, url, buckets) }));
}

async function makeFolder(folder: string): Promise<ProvisionStep> {
  try {
    const isNew = (await mkdir(folder, { recursive: true })) !== undefined;
    const outcome = isNew ? "created" : "present";
    return { target: folder, subject: "folder", outcome, text: isNew ? "created" : "is there already" };
  } catch (error) {
    if (!/^(EEXIST|ENOTDIR)$/.test(errnoOf(error) ?? "")) {
      throw fileError(error, { verb: "create", path: folder });
    }
    const text = `${folder} cannot be made a folder of the lake: a file stands in its way. Move it, or choose another LAKE_URL.`;
    throw new IngotError("bucket_taken", text, { cause: error });
  }
}
