import {
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ObjectInfo } from "../object-store.ts";
import { decoded } from "./metadata.ts";

/**
 * The objects of a listing over all its pages, with the bucket's own keys.
 *
 * @throws errors of the SDK; Error where the pages do not fit together
 */
export async function* listPages(
  client: S3Client,
  request: ListObjectsV2CommandInput,
): AsyncGenerator<ObjectInfo> {
  let next: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await client.send(
      // XML cannot carry every character that a key can have: one odd key would break the whole listing.
      new ListObjectsV2Command({ ...request, EncodingType: "url", ContinuationToken: next }),
    );
    // Any web server's page parses as an empty listing.
    if (page.KeyCount === undefined && page.Name === undefined) throw new Error("this is not an S3 listing");
    for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
      if (Key === undefined || Size === undefined || ETag === undefined || LastModified === undefined) {
        throw new Error(`the listing is incomplete at ${Key}`);
      }
      const key = page.EncodingType === "url" ? decoded(Key.replaceAll("+", " ")) : Key;
      yield { key, size: Size, etag: ETag, modified: LastModified };
    }
    // A truncated page without a way on, or with the same one again, would end the listing too early or never.
    if (page.IsTruncated && (!page.NextContinuationToken || page.NextContinuationToken === next)) {
      throw new Error("the listing is truncated and does not say how to go on");
    }
    next = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (next !== undefined);
}
