import { randomBytes } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import type { S3Access } from "../../src/lake-location.ts";
import { createS3Client } from "../../src/storage/s3-client.ts";

/** The real server that the S3 suite runs against; `undefined`, said loudly, where there is none. */
export function s3Server(): (S3Access & { endpoint: string }) | undefined {
  const { INGOT_TEST_S3_ENDPOINT, INGOT_TEST_S3_ACCESS_KEY, INGOT_TEST_S3_SECRET_KEY } = process.env;
  if (!INGOT_TEST_S3_ENDPOINT || !INGOT_TEST_S3_ACCESS_KEY || !INGOT_TEST_S3_SECRET_KEY) return undefined;
  return {
    endpoint: INGOT_TEST_S3_ENDPOINT,
    region: "us-east-1",
    accessKeyId: INGOT_TEST_S3_ACCESS_KEY,
    secretAccessKey: INGOT_TEST_S3_SECRET_KEY,
    forcePathStyle: true,
  };
}

export const NOT_RUN =
  "\n*** THE S3 SUITE DID NOT RUN: there is no server. Set INGOT_TEST_S3_ENDPOINT, INGOT_TEST_S3_ACCESS_KEY and " +
  "INGOT_TEST_S3_SECRET_KEY to those of a store where buckets may be made and removed. ***\n\n";

/** More than any test leaves behind, of 1,000 objects each. */
const MAX_PAGES = 20;

export async function makeBucket(access: S3Access): Promise<{ bucket: string; remove(): Promise<void> }> {
  const bucket = `ingot-test-${randomBytes(6).toString("hex")}`;
  const client = createS3Client(access);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const remove = async (): Promise<void> => {
    for (let page = 0; page < MAX_PAGES; page++) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      if (Contents.length === 0) break;
      const Objects = Contents.map(({ Key }) => ({ Key }));
      await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
    }
    await client.send(new DeleteBucketCommand({ Bucket: bucket }));
    client.destroy();
  };
  return { bucket, remove };
}
