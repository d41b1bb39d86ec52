import type { DatasetName, RejectSamples, RuleContext } from "@ingot/pipelines";
import { type CleanCounts, DATASETS } from "@ingot/pipelines";
import { cleanBody, type Sharing } from "../src/clean-body.ts";
import { CleanedObject, type ObjectBody } from "../src/cleaned-object.ts";

/** What became of a content: what the cleaner writes, and its counts. */
export interface CleanedContent {
  counts: CleanCounts;
  samples: RejectSamples;
  silver: Buffer;
  quarantine: Buffer;
}

export interface Content {
  dataset: DatasetName;
  key: string;
  bytes: Buffer;
}

/** Bytes as a storage would give them, in chunks of one size. */
export async function* chunksOf(content: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

export async function bytesOf(body: ObjectBody): Promise<Buffer> {
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.concat(await Array.fromAsync(body));
}

/** Keeps every content for one thread. */
export const ALONE: Partial<Sharing> = { largeBytes: Number.POSITIVE_INFINITY };

/** Cleans a content in memory. @param sharing by default as the service does: alone, but for large ones */
export async function cleanContent(
  { dataset, key, bytes }: Content,
  context: RuleContext,
  sharing: Partial<Sharing> = {},
  chunkBytes = 10_000,
): Promise<CleanedContent> {
  const object = new CleanedObject(DATASETS[dataset], key);
  try {
    const source = { body: chunksOf(bytes, chunkBytes), size: bytes.length };
    // The limit for compressed contents would have helpers take part in spite of `largeBytes`.
    const isAlone = sharing.largeBytes === Number.POSITIVE_INFINITY;
    if (isAlone) source.size = 0;
    await cleanBody(source, { key, dataset, context, signal: undefined }, object, sharing);
    const { counts, samples, rows, rejections } = await object.finish(isAlone ? undefined : sharing.helpers);
    return { counts, samples, silver: await bytesOf(rows), quarantine: await bytesOf(rejections) };
  } finally {
    object.close();
  }
}
