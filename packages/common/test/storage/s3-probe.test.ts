import { randomBytes } from "node:crypto";
import { PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import type { S3Access } from "../../src/lake-location.ts";
import { createS3Client } from "../../src/storage/s3/client.ts";
import { openStoreProbe, type StoreProbe } from "../../src/storage/store-probe.ts";
import { type Bench, makeBench } from "./bench.ts";
import { describeOnS3 } from "./s3-server.ts";

describeOnS3("questions that leave nothing behind", (access) => {
  const ALL = { list: "granted", read: "granted", add: "granted", delete: "granted", abort: "granted" };

  async function open(isVersioned = false): Promise<{ bucket: string; bench: Bench; probe: StoreProbe }> {
    const bucket = `probe-${randomBytes(6).toString("hex")}`;
    const bench = await makeBench(access, [bucket], isVersioned ? bucket : undefined);
    const probe = await openStoreProbe(access);
    onTestFinished(async () => {
      probe.close();
      await bench.remove();
    });
    return { bucket, bench, probe };
  }

  test.each([false, true])("rights of an administrator, versions: %s", async (isVersioned) => {
    const { bucket, bench, probe } = await open(isVersioned);
    for (const prefix of ["", "some/lake/"]) {
      expect(await probe.rights({ bucket, prefix }, false)).toEqual(ALL);
      expect(await probe.openToAll({ bucket, prefix })).toEqual([]);
    }
    expect(await bench.inventory()).toEqual([]);
  });

  test("where everybody may do everything, the store does not tell by refusing: other questions do", async () => {
    const { bucket, bench, probe } = await open();
    await openToEverybody(access, bucket);
    const place = { bucket, prefix: "" };
    expect(await probe.openToAll(place)).toEqual(["list", "read"]);
    expect(await probe.rights(place, true)).toEqual(ALL);
    expect(await probe.rights(place, false)).toEqual({ ...ALL, delete: "unknown" });
    expect(await bench.inventory()).toEqual([]);
  });

  test("a trial object is gone afterwards, older versions of it too", async () => {
    for (const isVersioned of [false, true]) {
      const { bucket, bench, probe } = await open(isVersioned);
      const place = { bucket, prefix: "some/lake/" };
      const behaviour = await probe.behaviour(place, await probe.rights(place, true));
      expect(behaviour).toMatchObject({
        conditionalPut: { ok: true },
        conditionalComplete: { ok: true },
        listing: { ok: true },
        metadata: { ok: true },
        range: { ok: true },
        leftBehind: [],
      });
      expect(await bench.inventory()).toEqual([]);
    }
  });

  test("a bucket that is missing, and a server that is", async () => {
    const { probe } = await open();
    const place = { bucket: "there-is-no-such-bucket", prefix: "" };
    expect(await probe.canList(place)).toMatchObject({ ok: false, code: "NoSuchBucket", status: 404 });
    expect(await probe.openToAll(place)).toEqual([]);
    const nowhere = await openStoreProbe({ ...access, endpoint: "http://127.0.0.1:1" });
    expect(await nowhere.buckets()).toMatchObject({ ok: false, code: "ECONNREFUSED", status: 0 });
    nowhere.close();
  });
});

async function openToEverybody(access: S3Access, bucket: string): Promise<void> {
  const statement = (actions: string[], resource: string) => ({
    Effect: "Allow",
    Principal: { AWS: ["*"] },
    Action: actions,
    Resource: [`arn:aws:s3:::${resource}`],
  });
  const Statement = [
    statement(["s3:ListBucket"], bucket),
    statement(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], `${bucket}/*`),
  ];
  const client = createS3Client(access);
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  client.destroy();
}
