import {
  type Clock,
  IngotError,
  type Lake,
  type LakeLocation,
  type Logger,
  type ObjectInfo,
  type ObjectMetadata,
  type ObjectStore,
  type PassReport,
  poll,
  type Retention,
  retentionOf,
  type ServiceContext,
  type StoreExpiry,
  storeExpiry,
} from "@ingot/common";
import {
  type Dataset,
  datasetOfBronze,
  ecommerceObjects,
  PrunedObjects,
  quarantineKey,
  silverKey,
} from "@ingot/pipelines";

export type ExpiringLayer = keyof Retention;

export interface ExpiryOptions {
  lake: Pick<Lake, "bronze" | "silver" | "quarantine">;
  /** Days after which objects are deleted, by the storage's dates. */
  retention: Retention;
  /** Whether the store deletes by itself what is too old in a layer. */
  storeExpiry(layer: ExpiringLayer): Promise<StoreExpiry>;
  clock: Clock;
  logger: Logger;
}

export interface ExpiryReport extends PassReport {
  /** Objects deleted in this pass. */
  deleted: number;
}

/** So often does a cleaner that keeps running look for what is too old. */
const INTERVAL_MS = 60 * 60 * 1000;

const DAY_MS = 24 * 60 * 60 * 1000;
/** The storage's clock may be another one than ours. */
const CLOCK_MARGIN_MS = 60 * 60 * 1000;
const PARALLEL = 8;

/** Why an object that is too old is kept; `undefined` for one that may go. */
type Obstacle = "not cleaned yet" | "not what was cleaned" | "not ours" | "changed meanwhile";

/**
 * Cleans, and deletes what has become too old: meanwhile, at once and every hour; with `once` after the cleaning, also
 * where that failed, so that one broken file does not stop it for those who only ever call `ingot clean --once`.
 */
export async function withRetention(
  { settings, signal, clock }: ServiceContext,
  {
    location,
    lake,
    logger,
    once,
  }: Pick<ExpiryOptions, "lake" | "logger"> & { location: LakeLocation; once: boolean },
  clean: () => Promise<void>,
): Promise<void> {
  const retention = retentionOf(settings);
  if (Object.keys(retention).length === 0) return clean();
  const byStore = (layer: ExpiringLayer): Promise<StoreExpiry> => storeExpiry(location, layer);
  const { pass } = createExpiry({ lake, retention, storeExpiry: byStore, clock, logger });
  const expire = (): Promise<void> => poll({ pass, once, intervalMs: INTERVAL_MS, signal, clock, logger });
  if (!once) await Promise.all([clean(), expire()]);
  else {
    try {
      await clean();
    } finally {
      await expire();
    }
  }
}

/**
 * Deletes what is too old in bronze and quarantine, where the store does not do so by itself. Nothing that was not
 * cleaned is lost:
 *
 * - a bronze object goes only when its silver object says that it was made from these very bytes;
 * - a quarantine object goes only when nobody is going to write it: its bronze object was cleaned, or is gone;
 * - what Ingot does not recognise stays, and so does what is another pipeline's: a run may need any of its files again.
 *
 * Several may run at once, and beside cleaners.
 */
export function createExpiry(options: ExpiryOptions): {
  pass(signal: AbortSignal): Promise<ExpiryReport>;
} {
  const { lake, retention, clock, logger } = options;
  const findCleaned = cleanedObjects(options);
  const said = new Set<string>();
  const sayOnce = (text: string, level: "info" | "warn" = "warn"): void => {
    if (!said.has(text)) logger[level](text);
    said.add(text);
  };

  const expire = async (layer: ExpiringLayer, days: number, signal: AbortSignal): Promise<number> => {
    const byStore = await options.storeExpiry(layer);
    const variable = `${layer.toUpperCase()}_RETENTION_DAYS`;
    if (typeof byStore === "number") {
      if (byStore !== days) {
        const text = `the store deletes in ${layer} after ${byStore} days, but ${variable} is ${days}: run \`ingot init\` again`;
        sayOnce(text);
      }
      return 0;
    }
    const before = clock.now().getTime() - days * DAY_MS - CLOCK_MARGIN_MS;
    const obstacle = layer === "bronze" ? bronzeObstacle(findCleaned) : quarantineObstacle(lake, findCleaned);
    const { deleted, kept, failure } = await sweep(lake[layer], before, obstacle, signal);
    if (failure instanceof IngotError && failure.code === "storage_denied") {
      const text = `${variable} is ${days}, but ${refusal(layer, byStore, failure)}`;
      sayOnce(text, byStore === "hidden" ? "info" : "warn");
    } else if (failure !== undefined) throw failure;
    if (deleted > 0) logger.info({ layer, objects: deleted, days }, "deleted what was too old");
    if (kept["not cleaned yet"] > 0) {
      logger.info({ layer, objects: kept["not cleaned yet"] }, "too old, but kept: not cleaned yet");
    }
    if (kept["not what was cleaned"] > 0) {
      const text = `objects in ${layer} are too old, but are kept: they are not what was cleaned under their names. \`ingot rebuild --from bronze\` cleans them`;
      sayOnce(text);
    }
    return deleted;
  };

  return {
    pass: async (signal) => {
      let deleted = 0;
      for (const layer of ["bronze", "quarantine"] as const) {
        const days = retention[layer];
        if (days !== undefined && !signal.aborted) deleted += await expire(layer, days, signal);
      }
      return { deleted, failures: [], moreInMs: undefined };
    },
  };
}

function refusal(layer: ExpiringLayer, byStore: StoreExpiry, error: IngotError): string {
  const what = "this key may not look for what is too old and delete it";
  if (byStore === "hidden") {
    return `${what}, nor see whether the store does: run \`ingot init\` as administrator, unless that has been done`;
  }
  if (byStore === "no rule") {
    return `${what}, and the store has no rule for ${layer}: run \`ingot init\` as administrator`;
  }
  return `what is too old cannot be deleted: ${error.message} Or run \`ingot clean --once\` now and then as somebody who may`;
}

/**
 * Deletes the objects of a layer that are too old and have no obstacle.
 *
 * @param before milliseconds since 1970
 * @returns what was deleted, what was kept, and what broke it off
 */
async function sweep(
  store: ObjectStore,
  before: number,
  obstacleTo: (object: ObjectInfo) => Promise<Obstacle | undefined>,
  signal: AbortSignal,
) {
  const kept = { "not cleaned yet": 0, "not what was cleaned": 0, "not ours": 0, "changed meanwhile": 0 };
  const result: { deleted: number; kept: Record<Obstacle, number>; failure?: unknown } = { deleted: 0, kept };
  const expireOne = async (object: ObjectInfo): Promise<void> => {
    // Last, so that there is hardly time for anybody to put another object in its place.
    const obstacle = (await obstacleTo(object)) ?? (await changeOf(store, object));
    if (obstacle !== undefined) {
      kept[obstacle] += 1;
      return;
    }
    await store.delete(object.key);
    result.deleted += 1;
  };
  const worker = async (queue: Iterator<ObjectInfo>): Promise<void> => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      if (signal.aborted || result.failure !== undefined) return;
      await expireOne(next.value).catch((error: unknown) => {
        result.failure ??= error;
      });
    }
  };
  try {
    const queue = (await Array.fromAsync(olderThan(store, before))).values();
    await Promise.all(Array.from({ length: PARALLEL }, () => worker(queue)));
  } catch (error) {
    result.failure = error;
  }
  return result;
}

async function* olderThan(store: ObjectStore, before: number): AsyncGenerator<ObjectInfo> {
  for await (const object of ecommerceObjects(store)) if (object.modified.getTime() < before) yield object;
}

async function changeOf(store: ObjectStore, listed: ObjectInfo): Promise<Obstacle | undefined> {
  const now = await store.stat(listed.key);
  const isSame = now?.etag === listed.etag && now.modified <= listed.modified;
  return isSame ? undefined : "changed meanwhile";
}

/** What is known of the silver object of a bronze object, also of one that was pruned. */
type FindCleaned = (key: string, dataset: Dataset) => Promise<{ metadata: ObjectMetadata } | undefined>;

function cleanedObjects({ lake: { silver }, clock, logger }: ExpiryOptions): FindCleaned {
  const pruned = new PrunedObjects(silver, clock, (message) => logger.warn(message));
  return (key, dataset) => pruned.known(silverKey(dataset, key));
}

function bronzeObstacle(findCleaned: FindCleaned) {
  return async ({ key, etag }: ObjectInfo): Promise<Obstacle | undefined> => {
    const dataset = datasetOfBronze(key);
    if (!dataset) return "not ours";
    const cleaned = await findCleaned(key, dataset);
    if (!cleaned) return "not cleaned yet";
    return cleaned.metadata.source_etag === etag ? undefined : "not what was cleaned";
  };
}

const SUFFIX = quarantineKey("");

function quarantineObstacle({ bronze }: ExpiryOptions["lake"], findCleaned: FindCleaned) {
  return async ({ key, modified }: ObjectInfo): Promise<Obstacle | undefined> => {
    const source = key.endsWith(SUFFIX) ? key.slice(0, -SUFFIX.length) : "";
    const dataset = datasetOfBronze(source);
    if (!dataset) return "not ours";
    const raw = await bronze.stat(source);
    if (!raw) return undefined;
    const cleaned = await findCleaned(source, dataset);
    if (!cleaned) return "not cleaned yet";
    // Replaced since it was cleaned: whoever cleans it anew writes here too.
    const isReplaced = cleaned.metadata.source_etag !== raw.etag && raw.modified > modified;
    return isReplaced ? "not cleaned yet" : undefined;
  };
}
