import {
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ObjectInfo } from "../object-store.ts";
import { decoded } from "./metadata.ts";

/** No key of a folder sorts after its name with this behind it. */
const LAST = "\u{10ffff}";

/**
 * The objects of a listing over all its pages, with the bucket's own keys.
 *
 * @param without folders that are left out, each with its closing slash: a page that ends in one is the last of it
 * @throws errors of the SDK; Error where the pages do not fit together
 */
export async function* listPages(
  client: S3Client,
  request: ListObjectsV2CommandInput,
  without: readonly string[] = [],
): AsyncGenerator<ObjectInfo> {
  const leftOut = (key: string): string | undefined => without.find((folder) => key.startsWith(folder));
  let { StartAfter } = request;
  let next: string | undefined;
  let last = "";
  for (;;) {
    const page: ListObjectsV2CommandOutput = await client.send(
      // XML cannot carry every character that a key can have: one odd key would break the whole listing.
      new ListObjectsV2Command({
        ...request,
        ...(StartAfter !== undefined && { StartAfter }),
        EncodingType: "url",
        ContinuationToken: next,
      }),
    );
    // Any web server's page parses as an empty listing.
    if (page.KeyCount === undefined && page.Name === undefined) throw new Error("this is not an S3 listing");
    for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
      if (Key === undefined || Size === undefined || ETag === undefined || LastModified === undefined) {
        throw new Error(`the listing is incomplete at ${Key}`);
      }
      const key = page.EncodingType === "url" ? decoded(Key.replaceAll("+", " ")) : Key;
      last = key;
      if (leftOut(key) === undefined) yield { key, size: Size, etag: ETag, modified: LastModified };
    }
    // A truncated page without a way on, or with the same one again, would end the listing too early or never.
    if (page.IsTruncated && (!page.NextContinuationToken || page.NextContinuationToken === next)) {
      throw new Error("the listing is truncated and does not say how to go on");
    }
    if (!page.IsTruncated) return;
    const folder = leftOut(last);
    const isBehindIt = folder === undefined || StartAfter === folder + LAST;
    next = isBehindIt ? page.NextContinuationToken : undefined;
    if (!isBehindIt) StartAfter = folder + LAST;
  }
}
