import { counted, type Lake } from "@ingot/common";
import {
  type CleanCounts,
  countsToMetadata,
  type Dataset,
  quarantineKey,
  type RuleContext,
  silverKey,
} from "@ingot/pipelines";
import { cleanBody } from "./clean-body.ts";
import { CleanedObject } from "./cleaned-object.ts";
import { HELPERS } from "./helpers.ts";

export interface CleanTask {
  key: string;
  dataset: Dataset;
  /** Write over an earlier silver object, whose bronze object was another one. */
  replace: boolean;
}

export interface CleanHooks {
  /** So many more bytes of the bronze object were read. */
  onBytes?(bytes: number): void;
  /** Somebody else had cleaned it by the time it was. */
  onTaken?(): void;
}

/**
 * Cleans one bronze object into its silver object, with what had to be rejected in quarantine. The silver object is
 * written last and whole: where it exists, everything has been done. Killed or run twice at once, the result is
 * the same.
 *
 * @param signal gives the object up where it stands
 * @throws IngotError of the storage, or the signal's reason; nothing is committed then
 */
export async function cleanObject(
  lake: Pick<Lake, "bronze" | "silver" | "quarantine">,
  { key, dataset, replace }: CleanTask,
  context: RuleContext,
  signal?: AbortSignal,
  { onBytes = () => undefined, onTaken = () => undefined }: CleanHooks = {},
): Promise<CleanCounts> {
  const { etag, size, body } = await lake.bronze.read(key);
  const cleaned = new CleanedObject(dataset, key);
  try {
    await cleanBody(
      { size, body: counted(body, onBytes) },
      { key, dataset: dataset.name, context, signal },
      cleaned,
    );
    const { counts, rows, rejections } = await cleaned.finish(HELPERS);
    if (counts.rejected > 0) {
      await lake.quarantine.write(quarantineKey(key), rejections, { contentType: "application/x-ndjson" });
    } else if (replace) await lake.quarantine.delete(quarantineKey(key));
    const { created } = await lake.silver.write(silverKey(dataset, key), rows, {
      ifAbsent: !replace,
      metadata: { ...countsToMetadata(counts), source_key: key, source_etag: etag },
      contentType: "text/csv; charset=utf-8",
    });
    if (!created) onTaken();
    return counts;
  } finally {
    cleaned.close();
  }
}
