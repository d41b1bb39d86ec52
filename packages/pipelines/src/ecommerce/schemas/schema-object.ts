import { createHash } from "node:crypto";
import { SCHEMAS_FOLDER } from "@ingot/common/object-names";
import type { DatasetName } from "../datasets.ts";

/** A field as a schema has it. */
export interface SchemaField {
  name: string;
  /** The classes that make up most of its values, as far as that is known. */
  classes: readonly string[];
  /** How many values were looked at, and how many of them are of other classes. */
  values?: number;
  others?: number;
  /** True where most records have it, with a value as far as that was looked at. */
  usual: boolean;
}

/** What is known of how a dataset's files look: the first of them, and each that looked in a new way. */
export interface StoredSchema {
  dataset: DatasetName;
  format: string;
  fields: readonly SchemaField[];
  /** The bronze object in which it was seen first. */
  object: { key: string; etag: string };
  /** When, in UTC, ISO 8601. */
  at: string;
  /** What was new in it, in words without values; none where it only made known what was not known before. */
  changes: readonly string[];
}

export const schemasPrefix = (dataset: DatasetName): string => `${SCHEMAS_FOLDER}${dataset}/`;

/** Where the first schema of a dataset lies: of two cleaners that meet first objects, one writes it. */
export const firstSchemaKey = (dataset: DatasetName): string => `${schemasPrefix(dataset)}first.json`;

/**
 * Where a schema lies that has something new. Its name follows from that alone: of two cleaners that meet the same
 * change in different objects, one writes it, and tells.
 *
 * @param news what is new, as texts in any order
 */
export function schemaKey(dataset: DatasetName, news: readonly string[]): string {
  const hash = createHash("sha256")
    .update([...news].sort().join("\0"))
    .digest("hex");
  return `${schemasPrefix(dataset)}${hash.slice(0, 16)}.json`;
}

const OWN = new RegExp(`^${SCHEMAS_FOLDER}(?:customers|orders|clicks)/[^/]+\\.json$`);

/** True for a silver object that holds a schema. */
export const isSchemaObject = (silverKey: string): boolean => OWN.test(silverKey);

export const schemaToJson = (schema: StoredSchema): string => `${JSON.stringify(schema, undefined, 2)}\n`;

/** The inverse of `schemaToJson`; `undefined` for what another program wrote. */
export function schemaFromJson(text: string): StoredSchema | undefined {
  try {
    const schema = JSON.parse(text) as StoredSchema;
    const { format, fields, object, at, changes } = schema;
    const isOurs =
      [format, at, object.key].every((value) => typeof value === "string") &&
      fields.every(({ name, classes }) => typeof name === "string" && Array.isArray(classes)) &&
      changes.every((change) => typeof change === "string");
    return isOurs ? schema : undefined;
  } catch {
    return undefined;
  }
}
