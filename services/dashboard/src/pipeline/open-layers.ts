import { IngotError, type Lake, type ObjectStore } from "@ingot/common";
import type { ObjectListing } from "../api/contract.ts";

/** The layers that may be looked into: what lies in the others is personal. */
const OPEN_LAYERS = ["silver", "gold"] as const satisfies readonly ObjectListing["layer"][];
export type OpenLayer = (typeof OPEN_LAYERS)[number];

/** @throws IngotError `invalid_parameter` for another layer */
export function openLayer(lake: Pick<Lake, OpenLayer>, layer: OpenLayer): ObjectStore {
  if (!OPEN_LAYERS.includes(layer)) throw invalid("layer", layer, `allowed: ${OPEN_LAYERS.join(", ")}`);
  return lake[layer];
}

export function invalid(parameter: string, value: string, why: string): IngotError {
  const shown = JSON.stringify(value.slice(0, 200));
  return new IngotError("invalid_parameter", `The parameter ${parameter} is ${shown}: ${why}.`, {
    context: { variable: parameter },
  });
}
