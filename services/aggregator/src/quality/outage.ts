import { IngotError } from "@ingot/common";

/** True for an error that says nothing of what was asked: the warehouse is busy, the storage does not answer. */
export function isOutage(error: unknown): boolean {
  return error instanceof IngotError && error.transient;
}
