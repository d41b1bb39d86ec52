import path from "node:path";
import { fileURLToPath } from "node:url";
import { IngotError } from "../errors.ts";
import type { LakeLocation } from "../lake-location.ts";
import type { Layer } from "../object-names.ts";
import { FileStore } from "./file-store.ts";
import type { ObjectStore } from "./object-store.ts";

/** The four layers of a lake, open for use. */
export interface Lake extends Record<Layer, ObjectStore> {
  /** Where it is, for people. */
  readonly url: string;
  /** Closes the connections, if there are any. */
  close(): Promise<void>;
}

/**
 * Opens a lake. Nothing is asked of the storage yet: folders are made at the first write, and a missing bucket shows
 * at its first use.
 *
 * - `file:///dir`: folders `dir/<name>`
 * - `s3://`: a bucket for each layer
 * - `s3://bucket/some/path`: one bucket, the layers as `some/path/<name>/`
 *
 * @throws IngotError `invalid_option` for any other address
 */
export async function openLake(location: LakeLocation): Promise<Lake> {
  const { url, buckets } = location;
  if (url.protocol === "s3:") return await openS3Lake(location);
  if (url.protocol !== "file:") throw invalidUrl(url);
  const root = fileURLToPath(url);
  const layer = (name: Layer): ObjectStore => new FileStore(path.join(root, buckets[name]));
  return { url: url.href, ...layersBy(layer), close: async () => undefined };
}

async function openS3Lake({ url, buckets, s3 }: LakeLocation): Promise<Lake> {
  const folder = decodeURIComponent(url.pathname).split("/").filter(Boolean).join("/");
  if (!s3 || (url.host === "" && folder !== "")) throw invalidUrl(url);
  // Loaded here only: the SDK costs a folder lake time and memory at each start.
  const { S3Store } = await import("./s3-store.ts");
  const stores: InstanceType<typeof S3Store>[] = [];
  const layers = layersBy((name) => {
    const place =
      url.host === ""
        ? { bucket: buckets[name] }
        : { bucket: url.host, prefix: `${folder === "" ? "" : `${folder}/`}${buckets[name]}/` };
    const store = new S3Store({ access: s3, ...place });
    stores.push(store);
    return store;
  });
  const close = async (): Promise<void> => {
    for (const store of stores) store.close();
  };
  return { url: url.href, ...layers, close };
}

function layersBy(open: (layer: Layer) => ObjectStore): Record<Layer, ObjectStore> {
  return {
    bronze: open("bronze"),
    silver: open("silver"),
    quarantine: open("quarantine"),
    gold: open("gold"),
  };
}

function invalidUrl(url: URL): IngotError {
  return new IngotError(
    "invalid_option",
    `LAKE_URL is ${url.href}. Allowed: a folder (./lake or file:///srv/lake), s3:// or s3://bucket/path.`,
    { context: { variable: "LAKE_URL" } },
  );
}
