import { IngotError } from "../errors.ts";

/**
 * Refuses keys that no storage can hold safely: empty, beginning or ending with a slash, with a `.` or `..` segment
 * (path traversal), with NUL, or with a lone surrogate (two such keys would be the same in UTF-8).
 *
 * @throws IngotError `invalid_key`
 */
export function checkKey(key: string): void {
  if (key === "") throw invalidKey(key, "it is empty");
  if (key.startsWith("/") || key.endsWith("/")) throw invalidKey(key, "it begins or ends with a slash");
  if (key.includes("\0")) throw invalidKey(key, "it has a NUL character");
  if (!key.isWellFormed()) throw invalidKey(key, "it is not valid Unicode");
  if (/(^|\/)\.\.?(\/|$)/.test(key)) throw invalidKey(key, "it has a segment . or ..");
}

export function invalidKey(key: string, why: string, cause?: unknown): IngotError {
  return new IngotError("invalid_key", `The object name ${JSON.stringify(key)} cannot be used: ${why}.`, {
    context: { key },
    ...(cause === undefined ? {} : { cause }),
  });
}
