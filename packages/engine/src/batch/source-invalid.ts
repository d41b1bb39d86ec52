import { IngotError } from "@ingot/common";
import type { SourceField } from "./source-record.ts";

/** So many names are shown, and so much of each. */
const MOST_NAMES = 30;
const MOST_CHARACTERS = 60;

/**
 * Says why a file cannot be one of its source.
 *
 * @param why what it looks like and how to mend it; or the required fields that it lacks, and the names that it has
 */
export function sourceInvalid(
  file: string,
  why: string | { missing: readonly SourceField[]; names: readonly string[] },
): IngotError {
  if (typeof why === "string") return new IngotError("source_invalid", `${file} cannot be read: ${why}.`);
  const { missing, names } = why;
  const wanted = quoted(missing.map(({ name, aliases }) => aliases?.[0] ?? name));
  const shown = quoted(names.map((name) => name.trim()).filter((name) => name !== ""));
  const found = shown === "" ? "no names" : shown;
  const text = `${file} has no ${wanted}; it has ${found}. Is it the right file? Its columns need these names.`;
  return new IngotError("source_invalid", text);
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => `"${name.slice(0, MOST_CHARACTERS)}"`);
  return [...shown, ...(names.length > MOST_NAMES ? [`${names.length - MOST_NAMES} more`] : [])].join(", ");
}
