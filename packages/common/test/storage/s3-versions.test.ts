import { afterAll, beforeAll, expect, test } from "vitest";
import { inParallel } from "../../src/parallel.ts";
import type { ObjectVersion } from "../../src/storage/object-store.ts";
import { S3Admin } from "../../src/storage/s3/admin.ts";
import { S3Store } from "../../src/storage/s3/store.ts";
import { describeOnS3, makeBucket } from "./s3-server.ts";

/** More versions than the 1,000 of a page, for a run that looks at pages too. */
const MANY = Number(process.env.INGOT_TEST_VERSIONS ?? 3);
const KEY = "orders/Bestellungen März 1+1 %20.csv";

describeOnS3("versions of objects", (access, { name }) => {
  let bucket: Awaited<ReturnType<typeof makeBucket>>;
  let store: S3Store;

  beforeAll(async () => {
    bucket = await makeBucket(access);
    store = new S3Store({ access, bucket: bucket.bucket, prefix: "the shop/bronze/" });
  });
  afterAll(async () => {
    for await (const version of store.versions.list()) await store.versions.delete(version);
    store.close();
    await bucket.remove();
  });

  const versions = (prefix?: string): Promise<ObjectVersion[]> =>
    Array.fromAsync(store.versions.list(prefix));
  const textOf = async (version: ObjectVersion): Promise<string> =>
    Buffer.concat(await Array.fromAsync(store.versions.read(version))).toString();

  test("a bucket that keeps none has current ones at most", async () => {
    await store.write("a", Buffer.from("1"));
    await store.write("a", Buffer.from("2"));
    expect((await versions()).filter(({ isCurrent }) => !isCurrent)).toEqual([]);
  });

  test.skipIf(name === "VersityGW")(
    "all of them are listed and read, and gone when they are deleted",
    async () => {
      await (await S3Admin.open(access)).enableVersioning(bucket.bucket);
      const numbers = Array.from({ length: MANY }, (_, at) => at);
      await inParallel(numbers, 16, (at) => store.write(KEY, Buffer.from(`version ${at}`)));
      await store.delete(KEY);
      await store.write("zz", Buffer.from("another"));

      const all = await versions("orders/");
      expect(all.map(({ key }) => key)).toEqual(Array(MANY + 1).fill(KEY));
      expect(all.filter(({ isDeletion }) => isDeletion)).toMatchObject([{ isCurrent: true, size: 0 }]);
      const older = all.filter(({ isDeletion }) => !isDeletion);
      expect(older.every(({ isCurrent }) => !isCurrent)).toBe(true);
      expect(new Set(older.map(({ id }) => id)).size).toBe(MANY);
      expect(new Set(await Promise.all(older.slice(0, 50).map(textOf))).size).toBe(Math.min(50, MANY));

      for (const version of all) await store.versions.delete(version);
      expect(await versions("orders/")).toEqual([]);
      expect(await store.stat(KEY)).toBeUndefined();
      expect(await versions("zz")).toMatchObject([{ key: "zz", isCurrent: true, isDeletion: false }]);
    },
  );
});
