import { IngotError, type ObjectStore } from "@ingot/common";
import {
  type DeliveredFile,
  latestFolder,
  PIPELINE_MANIFEST,
  type PipelineManifest,
  readPipelineManifest,
} from "@ingot/engine/runs";
import type { StoreChoice } from "../api/contract.ts";
import { dayNumber } from "../cube/days.ts";
import { headerOf, readDescribed, rowsOf } from "../downloads/gold-file.ts";
import { AVERAGED, type AveragedColumn, SUMMED, type SummedColumn } from "./metric-columns.ts";

export const STORES_PIPELINE = "retail-stores";
/** Another one whenever there are new metrics. */
export const STORES_MANIFEST = `${latestFolder(STORES_PIPELINE)}${PIPELINE_MANIFEST}`;
const METRICS_FILE = "store_daily_metrics.csv";
const STORES_FILE = "stores.csv";

/** The metrics of each store and day, as columns. */
export interface StoreMetrics {
  /** Another one whenever something of it is. */
  revision: string;
  publishedAt: string;
  rows: number;
  /** Of each row: days since 1970-01-01 … */
  days: Int32Array;
  /** … and the place of its store in `stores`. */
  storeAt: Uint32Array;
  /** `NaN` is no value. */
  values: Readonly<Record<SummedColumn | AveragedColumn, Float64Array>>;
  /** By name. */
  stores: readonly StoreChoice[];
}

/** The stores' metrics as gold has them now. */
export interface StoreMetricsSource {
  /** `undefined` where gold has none. @throws IngotError of the storage, `object_changed`, `silver_invalid` */
  now(): Promise<StoreMetrics | undefined>;
  /** `store_daily_metrics.csv` as it is printed, its rows in the order of the metrics. @throws as `now` */
  printed(metrics: StoreMetrics): Promise<{ columns: string[]; batches: AsyncIterable<string[][]> }>;
}

/** What is true is what lies in storage; it is read again when the manifest's ETag changes. */
export function createStoreMetrics(gold: ObjectStore): StoreMetricsSource {
  let known: { etag: string; loading: Promise<StoreMetrics | undefined> } | undefined;
  const manifests = new WeakMap<StoreMetrics, PipelineManifest>();

  const load = async (etag: string): Promise<StoreMetrics | undefined> => {
    const manifest = await readPipelineManifest(gold, STORES_MANIFEST);
    if (!manifest?.files[METRICS_FILE]) return undefined;
    const metrics = await readMetrics(gold, manifest, etag);
    manifests.set(metrics, manifest);
    return metrics;
  };

  return {
    now: async () => {
      const stat = await gold.stat(STORES_MANIFEST);
      if (!stat) return undefined;
      if (known?.etag !== stat.etag) {
        const loading = load(stat.etag);
        const mine = { etag: stat.etag, loading };
        known = mine;
        // Whoever asks next tries again.
        loading.catch(() => {
          if (known === mine) known = undefined;
        });
      }
      return await known.loading;
    },
    printed: async (metrics) => {
      const { files } = manifests.get(metrics)!;
      const bytes = await contentOf(gold, METRICS_FILE, files);
      const columns = headerOf(bytes);
      return { columns, batches: rowsOf(bytes, columns) };
    },
  };
}

async function contentOf(
  gold: ObjectStore,
  name: string,
  files: Readonly<Record<string, DeliveredFile>>,
): Promise<Buffer> {
  const { key, sha256 } = files[name]!;
  const bytes = await readDescribed(gold, [`${latestFolder(STORES_PIPELINE)}${name}`, key], sha256);
  if (bytes) return bytes;
  throw new IngotError("object_changed", `gold's ${name} is just being written. Try again.`, {
    context: { key },
  });
}

const NUMBERS = [...SUMMED, ...AVERAGED];

async function readMetrics(
  gold: ObjectStore,
  { files, published_at: publishedAt }: PipelineManifest,
  revision: string,
): Promise<StoreMetrics> {
  const named = files[STORES_FILE] ? await readStores(await contentOf(gold, STORES_FILE, files)) : [];
  const places = new Map(named.map(({ id }, place) => [id, place]));
  const bytes = await contentOf(gold, METRICS_FILE, files);
  const header = headerOf(bytes);
  const days: number[] = [];
  const storeAt: number[] = [];
  const columns = NUMBERS.map((name) => ({
    name,
    at: placeOf(header, METRICS_FILE, name),
    values: [] as number[],
  }));
  const [dateAt, idAt] = [placeOf(header, METRICS_FILE, "date"), placeOf(header, METRICS_FILE, "store_id")];
  for await (const batch of rowsOf(bytes, header)) {
    for (const row of batch) {
      const id = row[idAt]!;
      let place = places.get(id);
      if (place === undefined) {
        place = named.push({ id, name: id }) - 1;
        places.set(id, place);
      }
      days.push(dayNumber(row[dateAt]!));
      storeAt.push(place);
      for (const { values, at } of columns) values.push(row[at] === "" ? Number.NaN : Number(row[at]));
    }
  }
  const order = named.map((_, place) => place).sort((a, b) => byName(named[a]!, named[b]!));
  const rank = new Uint32Array(order.length);
  for (const [place, old] of order.entries()) rank[old] = place;
  return {
    revision,
    publishedAt,
    rows: days.length,
    days: Int32Array.from(days),
    storeAt: Uint32Array.from(storeAt, (place) => rank[place]!),
    values: Object.fromEntries(
      columns.map(({ name, values }) => [name, Float64Array.from(values)]),
    ) as StoreMetrics["values"],
    stores: order.map((place) => named[place]!),
  };
}

async function readStores(bytes: Buffer): Promise<StoreChoice[]> {
  const header = headerOf(bytes);
  const [idAt, nameAt, locationAt] = [
    placeOf(header, STORES_FILE, "store_id"),
    header.indexOf("name"),
    header.indexOf("location"),
  ];
  const stores: StoreChoice[] = [];
  for await (const batch of rowsOf(bytes, header)) {
    for (const row of batch) {
      const [id, name, location] = [row[idAt]!, row[nameAt], row[locationAt]];
      stores.push({ id, name: name || id, ...(location && { location }) });
    }
  }
  return stores;
}

/** @throws IngotError `silver_invalid` */
function placeOf(header: readonly string[], file: string, column: string): number {
  const place = header.indexOf(column);
  if (place !== -1) return place;
  throw new IngotError(
    "silver_invalid",
    `gold's ${file} has no column ${column}. It has ${header.join(", ")}.`,
  );
}

/** `Magasin_2` stands before `Magasin_10`. */
const { compare } = new Intl.Collator("fr", { numeric: true });
const byName = (a: StoreChoice, b: StoreChoice): number => compare(a.name, b.name) || compare(a.id, b.id);
