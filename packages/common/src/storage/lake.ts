import path from "node:path";
import { fileURLToPath } from "node:url";
import { IngotError } from "../errors.ts";
import { type LakeLocation, placeOf } from "../lake-location.ts";
import { type Metrics, NO_METRICS } from "../metrics/metrics.ts";
import type { Layer } from "../object-names.ts";
import { FileStore } from "./files/store.ts";
import { watchFolder } from "./files/watch.ts";
import type { ObjectStore } from "./object-store.ts";
import { noWatch, type Watch, type WatchOptions } from "./watch.ts";

const LEFTOVER_MS = 24 * 60 * 60 * 1000;

/** What killed writers left behind. */
export interface Leftovers {
  /** Milliseconds for which nobody has written to them: more than any writer pauses. */
  olderThanMs: number;
  /** Only those of this layer … */
  layer?: Layer;
  /** … beside objects whose keys begin so. */
  prefix?: string;
}

/** The four layers of a lake, open for use. */
export interface Lake extends Record<Layer, ObjectStore> {
  /** Where it is, for people. */
  readonly url: string;
  /** Removes what writers left behind that were killed more than a day ago, or so long as `which` says; never an object. */
  removeLeftovers(which?: Leftovers): Promise<void>;
  /**
   * Tells of new and changed objects of a layer as soon as the storage does. Never fails: where the storage has no such
   * thing, `onUnable` says so. Close it before the lake.
   */
  watch(layer: Layer, options: WatchOptions): Promise<Watch>;
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
 * @param metrics told of requests that the S3 client sends again; for all others there is `observedLake`
 * @throws IngotError `invalid_option` for any other address
 */
export async function openLake(location: LakeLocation, metrics: Metrics = NO_METRICS): Promise<Lake> {
  const { url, buckets } = location;
  if (url.protocol === "s3:") return await openS3Lake(location, metrics);
  if (url.protocol !== "file:") throw invalidUrl(url);
  const root = fileURLToPath(url);
  const layers = layersBy((layer) => new FileStore(path.join(root, buckets[layer])));
  const removeLeftovers: Lake["removeLeftovers"] = async (which = { olderThanMs: LEFTOVER_MS }) => {
    const { olderThanMs, layer, prefix } = which;
    const stores = layer === undefined ? Object.values(layers) : [layers[layer]];
    for (const store of stores) await store.removeStaleTemporaries(olderThanMs, prefix);
  };
  const watch: Lake["watch"] = async (layer, options) =>
    watchFolder(path.join(root, buckets[layer]), options);
  return { url: url.href, ...layers, removeLeftovers, watch, close: async () => undefined };
}

async function openS3Lake({ url, buckets, s3 }: LakeLocation, metrics: Metrics): Promise<Lake> {
  if (!s3 || (url.host === "" && /[^/]/.test(url.pathname))) throw invalidUrl(url);
  // Loaded here only: the SDK costs a folder lake time and memory at each start.
  const { S3Store } = await import("./s3/store.ts");
  const stores: InstanceType<typeof S3Store>[] = [];
  const layers = layersBy((layer) => {
    const onRetries = (retries: number) => metrics.add("ingot_storage_retries_total", { layer }, retries);
    // A counter that begins with its first value instead of 0 hides what came first.
    onRetries(0);
    const store = new S3Store({ access: s3, ...placeOf(layer, url, buckets), onRetries });
    stores.push(store);
    return store;
  });
  const close = async (): Promise<void> => {
    for (const store of stores) store.close();
  };
  const { endpoint } = s3;
  const watch: Lake["watch"] = async (layer, options) => {
    if (endpoint === undefined) return noWatch(options, "Amazon S3 has none (S3_ENDPOINT is not set)");
    // Loaded here only: most commands do not watch.
    const { watchBucket } = await import("./s3/watch.ts");
    return watchBucket({ ...options, access: { ...s3, endpoint }, ...placeOf(layer, url, buckets) });
  };
  // An upload that was broken off is invisible, and the store's own rules remove it.
  return { url: url.href, ...layers, removeLeftovers: async () => undefined, watch, close };
}

function layersBy<Store extends ObjectStore>(open: (layer: Layer) => Store): Record<Layer, Store> {
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
