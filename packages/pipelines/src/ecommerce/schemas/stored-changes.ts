import { IngotError, inParallel, type ObjectStore, readAll } from "@ingot/common";
import { type StoredSchema, schemaFromJson } from "./schema-object.ts";

/** A change in how the files of a dataset look. */
export interface SchemaChange {
  dataset: string;
  /** What was new, in words. */
  changes: readonly string[];
  /** The first bronze object that had it. */
  object: string;
  /** When it was noticed, in UTC, ISO 8601. */
  noticed_at: string;
}

const PARALLEL = 8;

/**
 * The changes that stored schemas tell of, newest first.
 *
 * @param keys of the schemas
 */
export async function schemaChanges(silver: ObjectStore, keys: readonly string[]): Promise<SchemaChange[]> {
  const schemas = await inParallel(keys, PARALLEL, (key) => readSchema(silver, key));
  return schemas
    .filter((schema) => schema !== undefined && schema.changes.length > 0)
    .map((schema) => {
      const { dataset, changes, object, at } = schema as StoredSchema;
      return { dataset, changes, object: object.key, noticed_at: at };
    })
    .sort((a, b) => b.noticed_at.localeCompare(a.noticed_at));
}

async function readSchema(silver: ObjectStore, key: string): Promise<StoredSchema | undefined> {
  try {
    return schemaFromJson((await readAll(silver, key)).toString("utf8"));
  } catch (error) {
    // Somebody took it away since it was listed.
    if (error instanceof IngotError && error.code === "object_missing") return undefined;
    throw error;
  }
}
