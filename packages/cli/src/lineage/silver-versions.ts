import path from "node:path";
import {
  type CommandContext,
  type Lake,
  lakeLocation,
  type ObjectMetadata,
  type ObjectStore,
} from "@ingot/common";
import { LocalObjects, openDuckDb, readCsv, sqlText } from "@ingot/engine";
import {
  countsFromMetadata,
  DATASETS,
  originFromMetadata,
  PrunedObjects,
  type SilverOrigin,
  type StoredCounts,
  silverKey,
} from "@ingot/pipelines";
import { RemadeDays } from "@ingot/pipelines/tables";
import { CACHE_BYTES, cacheFolder } from "../query/cache-folder.ts";
import { openTables } from "../query/open-tables.ts";

/** An order as one silver object has it. */
export interface SilverVersion {
  bronzeKey: string;
  silverKey: string;
  /** Its place among the object's rows, from 1 on. */
  row: number;
  /** By column, as silver has it. */
  values: Readonly<Record<string, string>>;
  origin: SilverOrigin;
  counts: StoredCounts;
  /** True where the CSV object was pruned: the row is in its day's Parquet file. */
  isPruned: boolean;
}

type Context = Pick<CommandContext, "settings" | "signal" | "clock">;

const ORDERS = DATASETS.orders;

/** All versions of an order in silver, in no order. @throws IngotError of the storage, `silver_…`, `query_failed` */
export async function silverVersions(
  lake: Lake,
  orderId: string,
  context: Context,
): Promise<SilverVersion[]> {
  const bronzeKeys = await bronzeKeysOf(lake, orderId, context);
  const objects = new SilverObjects(lake.silver, context);
  try {
    const versions: SilverVersion[] = [];
    for (const bronzeKey of bronzeKeys) {
      const version = await versionIn(objects, bronzeKey, orderId);
      if (version) versions.push(version);
    }
    return versions;
  } finally {
    await objects.close();
  }
}

/** In which objects the order is: asked of all of silver at once, by its one column. */
async function bronzeKeysOf(lake: Lake, orderId: string, context: Context): Promise<string[]> {
  const session = await openDuckDb();
  try {
    const isFolder = lakeLocation(context.settings).url.protocol === "file:";
    const fallback = path.join(session.folder, "objects");
    const objects = new LocalObjects(isFolder ? fallback : await cacheFolder(fallback));
    const sql = `SELECT DISTINCT bronze_key FROM silver.orders WHERE order_id = ${sqlText(orderId)}`;
    await openTables(lake, session, objects, context, sql);
    const rows = await session.all(sql, { signal: context.signal });
    if (!isFolder) await objects.trim(CACHE_BYTES);
    return rows.flatMap(([key]) => key ?? []);
  } finally {
    await session.close();
  }
}

async function versionIn(
  objects: SilverObjects,
  bronzeKey: string,
  orderId: string,
): Promise<SilverVersion | undefined> {
  const key = silverKey(ORDERS, bronzeKey);
  const object = await objects.open(key);
  if (!object) return undefined;
  const { metadata, isPruned } = object;
  let row = 0;
  for await (const batch of readCsv(object.body, ORDERS.silverColumns)) {
    for (const cells of batch) {
      row += 1;
      if (cells[0] !== orderId) continue;
      const values = Object.fromEntries(ORDERS.silverColumns.map((column, at) => [column, cells[at] ?? ""]));
      const [origin, counts] = [originFromMetadata(metadata), countsFromMetadata(metadata)];
      return { bronzeKey, silverKey: key, row, values, origin, counts, isPruned };
    }
  }
  return undefined;
}

interface Opened {
  metadata: ObjectMetadata;
  body: AsyncIterable<Uint8Array>;
  isPruned: boolean;
}

/** Silver objects, whether they lie there as CSV or were pruned. */
class SilverObjects {
  readonly #silver: ObjectStore;
  readonly #pruned: PrunedObjects;
  readonly #remade: RemadeDays;

  constructor(silver: ObjectStore, { clock }: Context) {
    this.#silver = silver;
    this.#pruned = new PrunedObjects(silver, clock);
    this.#remade = new RemadeDays(silver);
  }

  /** `undefined` for one that somebody took away meanwhile. */
  async open(key: string): Promise<Opened | undefined> {
    if (await this.#silver.stat(key)) return { ...(await this.#silver.read(key)), isPruned: false };
    const source = await this.#pruned.find(key);
    if (!source) return undefined;
    return { metadata: source.metadata, body: await this.#remade.read(source), isPruned: true };
  }

  async close(): Promise<void> {
    await this.#remade.close();
  }
}
