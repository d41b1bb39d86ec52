export { Evidence, type Weighed } from "./evidence.ts";
export { KnownSchema } from "./known-schema.ts";
export type { SampledSchema, SampledValues } from "./sampled-schema.ts";
export { changesOf, learntOf, type SchemaChanges, schemaFields } from "./schema-changes.ts";
export {
  firstSchemaKey,
  isSchemaObject,
  type StoredSchema,
  schemaFromJson,
  schemaKey,
  schemasPrefix,
  schemaToJson,
} from "./schema-object.ts";
export { type SchemaChange, schemaChanges } from "./stored-changes.ts";
export { UsualSchemas } from "./usual-schemas.ts";
