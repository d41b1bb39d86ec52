import { counted, type Lake } from "@ingot/common";
import {
  type CleanCounts,
  countsToMetadata,
  type Dataset,
  originToMetadata,
  quarantineKey,
  type RuleContext,
  type SampledSchema,
  samplesToMetadata,
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
  /**
   * Records in quarantine that earlier cleaning of these very bytes rejected. Without it, or where no fewer are rejected
   * now, quarantine is written before silver.
   */
  rejectedBefore?: number | undefined;
}

export interface CleanHooks {
  /** So many more bytes of the bronze object were read. */
  onBytes?(bytes: number): void;
  /** What its first records look like. Nothing is written before this is done. */
  onSchema?(schema: SampledSchema, etag: string): Promise<void>;
  /** Somebody else had cleaned it by the time it was. */
  onTaken?(): void;
  /** The clock by which the silver object tells when it was made; the system's by default. */
  now?(): Date;
}

/**
 * Cleans one bronze object into its silver object, with what had to be rejected in quarantine. The silver object is
 * written last and whole: where it exists, everything has been done. Killed or run twice at once, the result is
 * the same. Only records that leave quarantine (`rejectedBefore`) are taken out of it after they are in silver.
 *
 * @param signal gives the object up where it stands
 * @throws IngotError of the storage, or the signal's reason; nothing is committed then
 */
export async function cleanObject(
  lake: Pick<Lake, "bronze" | "silver" | "quarantine">,
  { key, dataset, replace, rejectedBefore = 0 }: CleanTask,
  context: RuleContext,
  signal?: AbortSignal,
  { onBytes = () => undefined, onSchema, onTaken = () => undefined, now = () => new Date() }: CleanHooks = {},
): Promise<CleanCounts> {
  const { etag, size, body } = await lake.bronze.read(key);
  const cleaned = new CleanedObject(dataset, key);
  try {
    const schema = await cleanBody(
      { size, body: counted(body, onBytes) },
      { key, dataset: dataset.name, context, signal },
      cleaned,
    );
    if (schema) await onSchema?.(schema, etag);
    const { counts, samples, rows, rejections } = await cleaned.finish(HELPERS);
    const writeQuarantine = async (): Promise<void> => {
      if (counts.rejected > 0) {
        await lake.quarantine.write(quarantineKey(key), rejections, { contentType: "application/x-ndjson" });
      } else if (replace) await lake.quarantine.delete(quarantineKey(key));
    };
    // Where the same bytes are cleaned again, no cleaner would notice that it was left half done: what moves is to be in
    // its new place before it leaves the old one.
    const leaves = counts.rejected < rejectedBefore;
    if (!leaves) await writeQuarantine();
    const metadata = { ...countsToMetadata(counts), ...originToMetadata({ key, etag, cleanedAt: now() }) };
    const { created } = await lake.silver.write(silverKey(dataset, key), rows, {
      ifAbsent: !replace,
      metadata: { ...metadata, ...samplesToMetadata(samples, metadata) },
      contentType: "text/csv; charset=utf-8",
    });
    if (leaves) await writeQuarantine();
    if (!created) onTaken();
    return counts;
  } finally {
    cleaned.close();
  }
}
