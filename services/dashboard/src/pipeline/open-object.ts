import { IngotError, type ObjectStat, type ObjectStore, type StoredObject } from "@ingot/common";
import { invalid } from "./open-layers.ts";

/** @throws IngotError `invalid_parameter`, `object_missing`; of the storage */
export async function statOf(store: ObjectStore, key: string): Promise<ObjectStat> {
  const info = await asked(key, () => store.stat(key));
  if (info) return info;
  throw missing(key);
}

/** @throws IngotError `invalid_parameter`, `object_missing`; of the storage */
export async function contentOf(store: ObjectStore, key: string): Promise<StoredObject> {
  try {
    return await asked(key, () => store.read(key));
  } catch (error) {
    throw error instanceof IngotError && error.code === "object_missing" ? missing(key) : error;
  }
}

async function asked<T>(key: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== "invalid_key") throw error;
    throw invalid("key", key, "no object has such a name");
  }
}

function missing(key: string): IngotError {
  const text = `There is no object ${key}. It may have been deleted since it was listed.`;
  return new IngotError("object_missing", text, { context: { key } });
}
