import { randomBytes } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { describe, inject, test } from "vitest";
import type { S3Access } from "../../src/lake-location.ts";
import { createS3Client } from "../../src/storage/s3/client.ts";
import { runs } from "../support/runs.ts";
import type { S3Server } from "./s3-servers.ts";

/** How to reach a store as its administrator. */
export function accessTo({
  endpoint,
  accessKeyId,
  secretAccessKey,
}: S3Server): S3Access & { endpoint: string } {
  return { endpoint, region: "us-east-1", accessKeyId, secretAccessKey, forcePathStyle: true };
}

const SUITE_MS = 60_000;

type StoreTests = (access: S3Access & { endpoint: string }, server: S3Server) => void;

/** Declares tests once for each real store of this run; without one, a test that shows as skipped. */
export function describeOnS3(title: string, tests: StoreTests): void {
  describeOn(inject("s3Servers"), title, tests);
}

/**
 * Declares tests for the first real store, and for each of them in a long run: for what does not depend on the store beyond
 * what all of them have to promise, which `describeObjectStore` checks.
 */
export function describeOnOneS3(title: string, tests: StoreTests): void {
  const servers = inject("s3Servers");
  describeOn(servers.slice(0, runs(1)), title, tests);
}

function describeOn(servers: readonly S3Server[], title: string, tests: StoreTests): void {
  if (servers.length === 0) test.skip(`${title}: did not run, there is no S3 server`, () => {});
  for (const server of servers) {
    describe(`${server.name}: ${title}`, { timeout: SUITE_MS }, () => tests(accessTo(server), server));
  }
}

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
