import type { SourceField } from "@ingot/engine/batch";
import { given } from "./written.ts";

/**
 * What the old HTTP API wrote into a list of data where it had none. Files that were made of its answers still have such
 * objects (contract: retail stores, sections 4 and 5).
 */
export const ERROR: SourceField = { name: "error", aliases: ["detail", "message"] };

/** Why a record without its key is not kept. */
export function keyFault(key: string, error: string | undefined): string {
  return given(error) === undefined ? `missing_${key}` : "error_object";
}
