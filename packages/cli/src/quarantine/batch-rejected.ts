import { inParallel, type Lake } from "@ingot/common";
import { countsFromMetadata } from "@ingot/pipelines";
import {
  type CountedObject,
  countedByReading,
  PARALLEL,
  type RejectedObject,
  rejectedObject,
} from "./rejected-objects.ts";

/**
 * What lies in quarantine for a pipeline that works in batches, with the counts that its runs wrote down; an object that no
 * run tells of is read.
 *
 * @throws IngotError of the storage
 */
export async function batchRejected(
  { silver, quarantine }: Pick<Lake, "silver" | "quarantine">,
  pipeline: string,
): Promise<CountedObject[]> {
  const objects: RejectedObject[] = [];
  for await (const info of quarantine.list({ prefix: `${pipeline}/` })) {
    const object = rejectedObject(info);
    if (object) objects.push(object);
  }
  if (objects.length === 0) return [];
  // Loaded here only: what runs pipelines is large, and most lakes have nothing here.
  const { objectRecords } = await import("@ingot/engine/batch");
  const records = await objectRecords(silver, pipeline);
  const found = await inParallel(objects, PARALLEL, async (object): Promise<CountedObject[]> => {
    const known = records.get(object.bronzeKey);
    const base = { ...object, pipeline, table: known?.table ?? "", sourceEtag: undefined };
    if (known && known.rejected > 0) {
      const { read, kept, rejected, reasons } = known;
      return [{ ...base, counts: { read, kept, rejected, duplicates: undefined, reasons } }];
    }
    const counts = await countedByReading({ quarantine }, object.key);
    return counts ? [{ ...base, counts: { ...countsFromMetadata({}), ...counts } }] : [];
  });
  return found.flat();
}
