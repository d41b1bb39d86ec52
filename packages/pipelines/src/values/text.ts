import { parseUnits, type Units, unitsOfNumber } from "@ingot/common";

/**
 * A field as text: text as it is, numbers as their decimal text, `""` where it is absent, null or a truth value.
 * `undefined` for a nested value and for text that no UTF-8 file can carry (a lone surrogate) or no database
 * keeps whole (a NUL): such a record has to be looked at by somebody.
 */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\0") ? value : undefined;
  if (typeof value === "number") return String(value);
  return typeof value === "object" && value !== null ? undefined : "";
}

/** A number or numeric text as units of 1/10000; `undefined` where it is neither. */
export function unitsOf(value: unknown): Units | undefined | "out_of_range" {
  if (typeof value === "number") return unitsOfNumber(value);
  return typeof value === "string" ? parseUnits(value) : undefined;
}
