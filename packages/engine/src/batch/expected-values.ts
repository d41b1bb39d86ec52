import { type ObjectInfo, type ObjectStore, readAll } from "@ingot/common";
import { parseExpectations } from "./expectations.ts";
import { byArrival } from "./inputs.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Expectation } from "./run-options.ts";

/** The expected values that lie in bronze; of several files the one that arrived last counts. */
export async function readExpected(
  pipeline: Pipeline,
  objects: readonly ObjectInfo[],
  bronze: ObjectStore,
): Promise<Expectation[]> {
  const newest = [...objects].sort(byArrival).at(-1);
  if (!newest) return [];
  const text = (await readAll(bronze, newest.key)).toString("utf8");
  return parseExpectations(text, newest.key, pipeline);
}
