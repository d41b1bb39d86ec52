import { type ObjectStore, splitKey } from "@ingot/common";
import { stateFolder } from "./places.ts";
import type { RecordCounts } from "./run-record.ts";
import { readState } from "./table-state.ts";

/** What became of the records of an object in bronze when it was read last. */
export interface ObjectRecords extends Omit<RecordCounts, "objects" | "duplicates"> {
  table: string;
}

/**
 * What became of the records of a pipeline's objects, by key in bronze. Objects that no run has read are not among them.
 *
 * @throws IngotError of the storage
 */
export async function objectRecords(
  silver: ObjectStore,
  pipeline: string,
): Promise<ReadonlyMap<string, ObjectRecords>> {
  const records = new Map<string, ObjectRecords>();
  for await (const { key } of silver.list({ prefix: stateFolder(pipeline) })) {
    const table = splitKey(key).base.replace(/\.json$/, "");
    const { objects } = await readState(silver, key);
    for (const [bronzeKey, object] of Object.entries(objects))
      records.set(bronzeKey, { table, ...object.records });
  }
  return records;
}
