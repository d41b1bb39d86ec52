import { IngotError, messageOf } from "@ingot/common";

/** Several failures as one, of the kind of the first. @param errors at least one */
export function asOne(errors: readonly unknown[]): unknown {
  const [first] = errors;
  if (errors.length === 1) return first;
  const text = errors.map(messageOf).join("\n");
  return new IngotError(first instanceof IngotError ? first.code : "incomplete", text, { cause: first });
}
