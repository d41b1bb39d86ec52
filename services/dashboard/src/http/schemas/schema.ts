/** JSON Schema, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

type OptionalKey<T> = { [Key in keyof T]-?: undefined extends T[Key] ? Key : never }[keyof T];

/** A schema that has a name of its own in the API's description. */
export interface NamedSchema extends JsonSchema {
  $id: string;
}

/** The schema of a type of the contract; the compiler sees to it that no property is forgotten. */
export function objectOf<T extends object>(
  description: string,
  properties: { [Key in keyof T]-?: JsonSchema },
  optional: readonly OptionalKey<T>[] = [],
): JsonSchema {
  const left: readonly PropertyKey[] = optional;
  const required = Object.keys(properties).filter((name) => !left.includes(name));
  return { type: "object", description, properties, required, additionalProperties: false };
}

export function named($id: string, schema: JsonSchema): NamedSchema {
  return { $id, ...schema };
}

export function refTo({ $id }: NamedSchema): JsonSchema {
  return { $ref: `${$id}#` };
}

export function listOf(items: JsonSchema, description?: string, more: JsonSchema = {}): JsonSchema {
  return { type: "array", items, ...(description === undefined ? {} : { description }), ...more };
}

const described = (schema: JsonSchema, description?: string): JsonSchema =>
  description === undefined ? schema : { ...schema, description };

export const text = (description?: string, ...examples: string[]): JsonSchema => ({
  ...described({ type: "string" }, description),
  ...(examples.length === 0 ? {} : { examples }),
});
export const day = (description?: string): JsonSchema =>
  described({ type: "string", format: "date" }, description);
export const instant = (description?: string): JsonSchema =>
  described({ type: "string", format: "date-time" }, description);
export const count = (description?: string): JsonSchema =>
  described({ type: "integer", minimum: 0 }, description);
export const number = (description?: string): JsonSchema => described({ type: "number" }, description);
export const yesOrNo = (description?: string): JsonSchema => described({ type: "boolean" }, description);
export const oneOf = (values: readonly string[], description?: string): JsonSchema =>
  described({ type: "string", enum: values }, description);

/** The same schema, or `null`. */
export function orNull(schema: JsonSchema): JsonSchema {
  return { ...schema, type: [schema.type, "null"] };
}
