import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ListMultipartUploadsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { S3Access } from "../../src/lake-location.ts";
import { readAll } from "../../src/storage/object-store.ts";
import { createS3Client } from "../../src/storage/s3/client.ts";
import { S3Store } from "../../src/storage/s3/store.ts";
import { type FaultyProxy, faultyProxy } from "./faulty-proxy.ts";
import { describeOnS3, makeBucket } from "./s3-server.ts";

const SIZE = 6_000_000;
const IDLE_MS = 400;
const text = (value: string): Uint8Array => Buffer.from(value);

describeOnS3("a network that fails", (access) => {
  const bytes = randomBytes(SIZE);
  let bucket: string;
  let remove: () => Promise<void>;
  let direct: S3Store;
  let proxy: FaultyProxy;
  let store: S3Store;

  beforeAll(async () => {
    ({ bucket, remove } = await makeBucket(access));
    direct = new S3Store({ access, bucket });
    await direct.write("large", bytes);
  });
  afterAll(async () => {
    direct?.close();
    await remove?.();
  }, 60_000);
  beforeEach(async () => {
    proxy = await faultyProxy(access.endpoint);
    store = new S3Store({ access: { ...access, endpoint: proxy.endpoint }, bucket, idleMs: IDLE_MS });
  });
  afterEach(async () => {
    store.close();
    await proxy.close();
  });

  const GET = /^GET .*\/large/;
  const cut = (after: number) => proxy.faults.push({ request: GET, kind: "cut", after });

  test("a download that breaks off goes on where it stopped", async () => {
    for (const after of [1_000_000, 1, 2_000_000]) cut(after);
    expect((await readAll(store, "large")).equals(bytes)).toBe(true);
    expect(proxy.faults).toEqual([]);
    expect(proxy.requests.length).toBeGreaterThanOrEqual(4);
  });

  test("a download that breaks off again and again is storage_unavailable", async () => {
    for (let i = 0; i < 100; i++) cut(100_000);
    const failure = await readAll(store, "large").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "storage_unavailable", context: { key: "large" } });
    expect(proxy.requests.length).toBeLessThan(30);
  });

  test("a download that stalls is taken up again", async () => {
    proxy.faults.push({ request: GET, kind: "stall", after: 1_500_000 });
    expect((await readAll(store, "large")).equals(bytes)).toBe(true);
    expect(proxy.requests).toHaveLength(2);
  });

  test("a slow reader is no stalled download", async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await store.read("large")).body) {
      if (chunks.length % 40 === 0) await delay(IDLE_MS * 1.5);
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(proxy.requests).toHaveLength(1);
  });

  test("an object that is replaced while its download is broken is object_changed", async () => {
    cut(1_000_000);
    const { body } = await store.read("large");
    await direct.write("large", randomBytes(SIZE));
    await expect(Array.fromAsync(body)).rejects.toMatchObject({ code: "object_changed" });
    await direct.write("large", bytes);
  });

  test("an object that is deleted while its download is broken is object_missing", async () => {
    cut(1_000_000);
    const { body } = await store.read("large");
    await direct.delete("large");
    await expect(Array.fromAsync(body)).rejects.toMatchObject({ code: "object_missing" });
    await direct.write("large", bytes);
  });

  test("a store that goes away is storage_unavailable, and works again when it is back", async () => {
    expect(await store.stat("large")).toBeDefined();
    proxy.isDown = true;
    const operations = [
      () => store.stat("large"),
      () => store.read("large"),
      () => store.write("new", text("x")),
      () => store.write("new", text("x"), { ifAbsent: true }),
      () => store.write("new", bytes),
      () => Array.fromAsync(store.list()),
      () => store.delete("new"),
    ];
    for (const operation of operations) {
      await expect(operation()).rejects.toMatchObject({ code: "storage_unavailable", transient: true });
    }
    proxy.isDown = false;
    expect(await store.write("new", text("x"), { ifAbsent: true })).toEqual({ created: true });
    expect((await readAll(store, "large")).equals(bytes)).toBe(true);
  });

  test("a store that is away for a moment is not noticed in the middle of a download", async () => {
    const { body } = await store.read("large");
    let received = 0;
    for await (const chunk of body) {
      if (received === 0) {
        proxy.isDown = true;
        setTimeout(() => {
          proxy.isDown = false;
        }, 1_000);
      }
      received += chunk.length;
    }
    expect(received).toBe(SIZE);
  });

  test("a creator whose answer was lost still knows that it was the one", async () => {
    proxy.faults.push({ request: /^PUT .*\/lost-small/, kind: "lose" });
    const options = { ifAbsent: true, metadata: { rows: "1" } };
    expect(await store.write("lost-small", text("x"), options)).toEqual({ created: true });
    expect((await store.stat("lost-small"))?.metadata).toEqual({ rows: "1" });
    proxy.faults.push({ request: /^POST .*\/lost-large\?.*uploadId=/, kind: "lose" });
    const large = Buffer.concat([bytes, bytes]);
    expect(await store.write("lost-large", large, options)).toEqual({ created: true });
    expect((await readAll(store, "lost-large")).equals(large)).toBe(true);
    expect(proxy.faults).toEqual([]);
    expect(await store.write("lost-large", large, options)).toEqual({ created: false });
  });

  test("a part that is lost on its way is sent again", async () => {
    const large = Buffer.concat([bytes, bytes, bytes]);
    proxy.faults.push({ request: /^PUT .*partNumber=2/, kind: "cut", after: 0 });
    await store.write("parts", large);
    expect((await readAll(store, "parts")).equals(large)).toBe(true);
    expect(proxy.faults).toEqual([]);
  });

  test("an upload that fails leaves no parts behind", async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.concat([bytes, bytes, bytes]);
      throw new Error("the source broke");
    };
    await expect(store.write("parts-left", broken())).rejects.toThrow("the source broke");
    const client = createS3Client(access);
    const { Uploads = [] } = await client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: "parts-left" }),
    );
    client.destroy();
    expect(Uploads).toEqual([]);
  });

  test("a truncated page that does not say how to go on is an error, not the end", async () => {
    const keys = ["page/0", "page/1"];
    for (const key of keys) await direct.write(key, text("x"));
    const [from, to] = ["<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated> "];
    proxy.faults.push({ request: /^GET .*list-type=2/, kind: "rewrite", from, to });
    await expect(Array.fromAsync(store.list({ prefix: "page/" }))).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    expect(await Array.fromAsync(store.list({ prefix: "page/" }))).toHaveLength(2);
  });

  test("300 requests at once share a bounded number of connections", async () => {
    const stats = await Promise.all(Array.from({ length: 300 }, () => store.stat("large")));
    expect(stats.every((info) => info?.size === SIZE)).toBe(true);
  });

  test("the marks that consoles leave for folders are no objects; odd keys of others are", async () => {
    const client = createS3Client(access);
    for (const Key of ["odd/", "odd/folder/"]) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: new Uint8Array() }));
    }
    client.destroy();
    for (const key of ["odd/tab\tin it", "odd/line\nbreak"]) await store.write(key, text("x"));
    const keys = (await Array.fromAsync(store.list({ prefix: "odd/" }))).map(({ key }) => key);
    expect(keys).toEqual(["odd/tab\tin it", "odd/line\nbreak"].sort());
    for (const key of keys) {
      expect((await readAll(store, key)).toString()).toBe("x");
      await store.delete(key);
    }
  });
});

describeOnS3("a store that is not as it should be", (access) => {
  const outcomes = async (
    given: S3Access,
    bucket: string,
  ): Promise<{ codes: unknown[]; messages: string }> => {
    const store = new S3Store({ access: given, bucket });
    const operations = [
      () => Array.fromAsync(store.list()),
      () => store.stat("key"),
      () => store.read("key"),
      () => store.write("key", text("x")),
      () => store.write("key", text("x"), { ifAbsent: true }),
      () => store.write("key", Buffer.alloc(9_000_000)),
      () => store.delete("key"),
    ];
    const codes: unknown[] = [];
    const messages: string[] = [];
    for (const operation of operations) {
      const failure = await operation().then(
        () => ({ code: "done", message: "" }),
        (error: { code: string; message: string }) => error,
      );
      codes.push(failure.code);
      messages.push(failure.message);
    }
    store.close();
    return { codes, messages: messages.join("\n") };
  };
  const all = (code: string): string[] => Array(7).fill(code);

  test("wrong credentials are storage_denied, and say which variables to check", async () => {
    const { bucket, remove } = await makeBucket(access);
    for (const wrong of [{ secretAccessKey: "wrong-secret" }, { accessKeyId: "nobody" }]) {
      const { codes, messages } = await outcomes({ ...access, ...wrong }, bucket);
      expect(codes).toEqual(all("storage_denied"));
      expect(messages).toContain("S3_SECRET_ACCESS_KEY");
    }
    await remove();
  });

  test("a missing bucket is bucket_missing, and is named", async () => {
    const { codes, messages } = await outcomes(access, "ingot-test-missing");
    expect(codes).toEqual(all("bucket_missing"));
    expect(messages).toContain("The bucket ingot-test-missing does not exist");
  });

  test("a web server that is no S3 store is storage_unavailable, never an empty lake", async () => {
    const web = createServer((request, response) => {
      request.resume();
      response.end("<!doctype html><html><title>Console</title></html>");
    });
    web.listen(0, "127.0.0.1");
    await once(web, "listening");
    const endpoint = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    const store = new S3Store({ access: { ...access, endpoint }, bucket: "bronze" });
    for (const operation of [
      () => Array.fromAsync(store.list()),
      () => store.stat("key"),
      () => store.read("key"),
    ]) {
      await expect(operation()).rejects.toMatchObject({ code: "storage_unavailable" });
    }
    store.close();
    web.close();
  });

  test("an address where nobody listens is storage_unavailable", async () => {
    const { codes, messages } = await outcomes({ ...access, endpoint: "http://127.0.0.1:1" }, "bronze");
    expect(codes).toEqual(all("storage_unavailable"));
    expect(messages).toContain("ECONNREFUSED");
    expect(messages).toContain("http://127.0.0.1:1");
  });

  test("a clock that is an hour off is corrected by the store's", async () => {
    const { bucket, remove } = await makeBucket(access);
    for (const hours of [1, -1]) {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + hours * 3_600_000 });
      const { codes } = await outcomes(access, bucket);
      vi.useRealTimers();
      expect(codes).toEqual(["done", "done", "object_missing", "done", "done", "done", "done"]);
    }
    await remove();
  });
});
