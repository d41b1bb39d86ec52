import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { S3Access } from "../../src/lake-location.ts";
import { createS3Client } from "../../src/storage/s3/client.ts";

/** Buckets of a test's own, looked at past everything that is being tested. */
export interface Bench {
  put(bucket: string, key: string, body: string): Promise<void>;
  delete(bucket: string, key: string): Promise<void>;
  /** Everything that lies there: objects, versions, delete markers, uploads that were begun. */
  inventory(): Promise<string[]>;
  /** Removes the buckets with all that is in them. */
  remove(): Promise<void>;
}

/** @param versioned the bucket to switch versioning on for, where the store can */
export async function makeBench(
  access: S3Access,
  buckets: readonly string[],
  versioned: string | undefined,
): Promise<Bench> {
  const client = createS3Client(access);
  for (const Bucket of buckets) await client.send(new CreateBucketCommand({ Bucket }));
  if (versioned !== undefined) {
    const VersioningConfiguration = { Status: "Enabled" } as const;
    const command = new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration });
    await client.send(command).catch(() => undefined);
  }

  /** Stores without versions list the objects as their only ones, or refuse. */
  const versionsIn = async (Bucket: string) => {
    const listing = await client.send(new ListObjectVersionsCommand({ Bucket })).catch(() => undefined);
    return { versions: listing?.Versions ?? [], markers: listing?.DeleteMarkers ?? [] };
  };

  return {
    put: async (Bucket, Key, Body) => void (await client.send(new PutObjectCommand({ Bucket, Key, Body }))),
    delete: async (Bucket, Key) => void (await client.send(new DeleteObjectCommand({ Bucket, Key }))),
    inventory: async () => {
      const found: string[] = [];
      for (const Bucket of buckets) {
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
        found.push(...Contents.map(({ Key, ETag }) => `${Bucket}/${Key} ${ETag}`));
        const { versions, markers } = await versionsIn(Bucket);
        found.push(...versions.map(({ Key, VersionId }) => `${Bucket}/${Key} version ${VersionId}`));
        found.push(...markers.map(({ Key, VersionId }) => `${Bucket}/${Key} deleted ${VersionId}`));
        const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
        found.push(...Uploads.map(({ Key, UploadId }) => `${Bucket}/${Key} upload ${UploadId}`));
      }
      return found.sort();
    },
    remove: async () => {
      for (const Bucket of buckets) {
        const { versions, markers } = await versionsIn(Bucket);
        for (const { Key, VersionId } of [...versions, ...markers]) {
          await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
        }
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
        for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }));
        await client.send(new DeleteBucketCommand({ Bucket }));
      }
      client.destroy();
    },
  };
}
