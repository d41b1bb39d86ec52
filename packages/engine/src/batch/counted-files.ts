import type { InputObject } from "./inputs.ts";
import type { SourceTable } from "./pipeline.ts";

/** Which files of a source count. */
export interface CountedFiles {
  /** In the order in which they arrived. */
  counted: readonly InputObject[];
  /** Keys of files that are there and do not count. */
  passedOver: readonly string[];
  /** By the key of a file that counts the known files whose place it took. */
  replaced: ReadonlyMap<string, readonly string[]>;
}

/**
 * @param live the files that are there, in the order in which they arrived
 * @param known keys of all files that were read before
 */
export function countedFiles(
  { merge, deliveryOf }: SourceTable,
  live: readonly InputObject[],
  known: readonly string[],
): CountedFiles {
  if (merge === "newest") return withPassedOver(live, live.slice(-1), new Map());
  if (!deliveryOf) return withPassedOver(live, live, new Map());
  const newest = new Map<string, InputObject>();
  for (const object of live) newest.set(deliveryOf(object.key) ?? object.key, object);
  const isCounted = (object: InputObject): boolean =>
    newest.get(deliveryOf(object.key) ?? object.key) === object;
  const replaced = new Map<string, string[]>();
  for (const key of known) {
    const winner = newest.get(deliveryOf(key) ?? key)?.key;
    if (winner !== undefined && winner !== key) replaced.set(winner, [...(replaced.get(winner) ?? []), key]);
  }
  return withPassedOver(live, live.filter(isCounted), replaced);
}

function withPassedOver(
  live: readonly InputObject[],
  counted: readonly InputObject[],
  replaced: CountedFiles["replaced"],
): CountedFiles {
  const keys = new Set(counted.map(({ key }) => key));
  return { counted, replaced, passedOver: live.map(({ key }) => key).filter((key) => !keys.has(key)) };
}
