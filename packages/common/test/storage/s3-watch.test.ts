import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { openLake } from "../../src/storage/lake.ts";
import { policyOf } from "../../src/storage/roles.ts";
import { createS3Client } from "../../src/storage/s3/client.ts";
import { S3Store } from "../../src/storage/s3/store.ts";
import { type BucketWatchOptions, watchBucket } from "../../src/storage/s3/watch.ts";
import { type FaultyProxy, faultyProxy } from "./faulty-proxy.ts";
import { Hints } from "./hints.ts";
import { listeningServers } from "./listening.ts";
import { accessTo, describeOnS3, makeBucket } from "./s3-server.ts";
import { ownMinio } from "./s3-servers.ts";

const listening = await listeningServers();
const text = (value: string): Uint8Array => Buffer.from(value);
/** MinIO sends a blank every 500 ms. */
const IDLE_MS = 900;
const LISTEN = /^GET .*[?&]events=/;

describeOnS3("notifications", (access, server) => {
  let bucket: string;
  let remove: () => Promise<void>;
  let store: S3Store;
  let proxy: FaultyProxy;
  let hints: Hints;

  beforeAll(async () => {
    ({ bucket, remove } = await makeBucket(access));
    store = new S3Store({ access, bucket });
  });
  afterAll(async () => {
    store?.close();
    await remove?.();
  });
  beforeEach(async () => {
    proxy = await faultyProxy(access.endpoint);
    hints = new Hints();
  });
  afterEach(() => proxy.close());

  function watch(options: Partial<BucketWatchOptions> = {}) {
    const { onChange, onUnable } = hints;
    const through = { ...access, endpoint: proxy.endpoint };
    const timing = { idleMs: IDLE_MS, firstRetryMs: 50, maxRetryMs: 200, refusedMs: 60_000 };
    const begun = { access: through, bucket, prefix: "", timing, onChange, onUnable, ...options };
    const watching = watchBucket(begun);
    onTestFinished(() => watching.close());
    return watching;
  }
  const listens = (): number => proxy.requests.filter((line) => LISTEN.test(line)).length;
  const put = (key = `orders_${randomBytes(4).toString("hex")}.json`) => store.write(key, text("[]"));
  const broken = (times: number, kind: "stall" | "cut", after: number): void => {
    for (let i = 0; i < times; i++) proxy.faults.push({ request: LISTEN, kind, after });
  };

  const title = listening.has(server.name) ? "" : " (did not run: this server tells of nothing)";
  const onListening = (name: string, run: () => Promise<void>): void =>
    test.skipIf(title !== "")(name + title, run);

  onListening("a new object is told of within a second, a deleted one is not", async () => {
    watch();
    await hints.begun();
    for (const key of [
      "orders_1.json",
      "dt=2026-01-01/Künden & Co/orders 2+3.json",
      `${"ä".repeat(100)}/${"b".repeat(200)}`,
    ]) {
      await hints.after(() => put(key));
      await delay(50);
    }
    const large = randomBytes(9_000_000);
    await hints.after(() => store.write("large", large), 5_000);
    await delay(50);
    await hints.noneAfter(() => store.delete("large"));
    expect({ listens: listens(), reasons: hints.reasons }).toEqual({ listens: 1, reasons: [] });
  });

  onListening("in a bucket with several layers, only the layer's own objects are told of", async () => {
    const buckets = { bronze: "bronze", silver: "silver", quarantine: "quarantine", gold: "gold" };
    const lake = await openLake({ url: new URL(`s3://${bucket}/my%20shop/ä+b`), buckets, s3: access });
    const watching = await lake.watch("bronze", hints);
    await hints.begun();
    await hints.noneAfter(async () => {
      await lake.silver.write("orders_1.csv", text("x"));
      await lake.gold.write("bronze/orders_1.csv", text("x"));
      await put("bronze/orders_1.csv");
    });
    const key = "dt=2026-01-01/orders é+1 & more.csv";
    await hints.after(() => lake.bronze.write(key, text("x")));
    expect(hints.lastKey).toBe(key);
    await watching.close();
    await lake.close();
  });

  onListening("a connection that breaks is made again, and what came meanwhile is told of", async () => {
    watch();
    await hints.begun();
    for (let round = 0; round < 2; round++) {
      proxy.isDown = true;
      // It is noticed with the next blank, or the next event.
      await delay(600);
      await hints.noneAfter(() => put());
      await hints.after(() => {
        proxy.isDown = false;
      }, 2_000);
      await delay(50);
      await hints.after(() => put());
      await delay(50);
    }
    expect(hints.reasons).toEqual([]);
  });

  onListening("answers that break off at once are asked for again, at growing distances", async () => {
    broken(4, "cut", 0);
    watch();
    await hints.begun();
    await hints.after(() => put());
    expect({ listens: listens(), faults: proxy.faults, reasons: hints.reasons }).toEqual({
      listens: 5,
      faults: [],
      reasons: [],
    });
  });

  onListening("a connection on which nothing comes any more is noticed and made again", async () => {
    // Headers and some blanks come through.
    broken(1, "stall", 500);
    watch();
    await hints.begun();
    await vi.waitFor(() => expect(listens()).toBe(2), { timeout: 30_000 });
    await vi.waitFor(() => expect(hints.count).toBe(2), { timeout: 5_000 });
    await hints.after(() => put());
    expect(hints.reasons).toEqual([]);
  });

  onListening("a bucket that is made later is listened to then", async () => {
    const later = `ingot-test-${randomBytes(6).toString("hex")}`;
    watch({ bucket: later });
    await delay(500);
    expect(hints.count).toBe(0);
    const client = createS3Client(access);
    await hints.after(() => client.send(new CreateBucketCommand({ Bucket: later })), 2_000);
    const laterStore = new S3Store({ access, bucket: later });
    await delay(50);
    await hints.after(() => laterStore.write("orders_1.json", text("[]")));
    await laterStore.delete("orders_1.json");
    laterStore.close();
    client.destroy();
    expect(hints.reasons).toEqual([]);
  });

  test.skipIf(server.name !== "VersityGW")("a store without notifications says so once", async () => {
    await put();
    const watching = watch();
    await vi.waitFor(() => expect(hints.reasons).toHaveLength(1));
    await hints.noneAfter(() => put());
    expect({ reasons: hints.reasons, listens: listens() }).toEqual({
      reasons: [`${proxy.endpoint} has none`],
      listens: 1,
    });
    await watching.close();
  });

  // VersityGW ends the connection after each answer, whether it arrives or not.
  const isPatient = server.name !== "VersityGW";
  test.runIf(isPatient)("a store that never answers is said once, and asked again and again", async () => {
    broken(1_000, "stall", 0);
    watch({ timing: { idleMs: 50, firstRetryMs: 10, maxRetryMs: 20 } });
    await vi.waitFor(() => expect(listens()).toBeGreaterThan(6), { timeout: 5_000 });
    expect(hints.reasons).toEqual([`${proxy.endpoint} takes the request to listen and never answers`]);
    expect(hints.count).toBe(0);
  });

  test("wrong credentials are said once", async () => {
    const wrong = { ...access, endpoint: proxy.endpoint, secretAccessKey: "wrong-secret" };
    watch({ access: wrong });
    await vi.waitFor(() => expect(hints.reasons).toHaveLength(1));
    expect(hints.reasons[0]).toContain("SignatureDoesNotMatch");
    await delay(200);
    expect({ listens: listens(), count: hints.count }).toEqual({ listens: 1, count: 0 });
  });

  test("closing is prompt in every state, and nothing is told after it", async () => {
    const timing = { firstRetryMs: 20_000, maxRetryMs: 20_000, refusedMs: 20_000 };
    const states = [
      () => delay(0),
      () => delay(20),
      () => delay(700),
      () => broken(1, "stall", 0),
      async () => {
        broken(1, "cut", 0);
        await delay(200);
      },
    ];
    for (const reach of states) {
      const watching = watch({ timing });
      await reach();
      const start = performance.now();
      await watching.close();
      expect(performance.now() - start).toBeLessThan(100);
      await hints.noneAfter(() => put());
      proxy.faults = [];
    }
  });

  test("a watch does not keep a process alive, closed or not", async () => {
    const module = fileURLToPath(new URL("../../src/storage/s3/watch.ts", import.meta.url));
    for (const end of ["", "await watching.close();"]) {
      const script = `const { watchBucket } = await import(${JSON.stringify(module)});
        const options = { access: ${JSON.stringify(access)}, bucket: "${bucket}", prefix: "" };
        const watching = watchBucket({ ...options, onChange: () => {}, onUnable: () => {} });
        await new Promise((resolve) => setTimeout(resolve, 300));
        ${end}
        console.log(Date.now());`;
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ["--input-type=module", "--eval", script],
        { timeout: 10_000 },
      );
      expect(stderr).toBe("");
      expect(Date.now() - Number(stdout)).toBeLessThan(2_000);
    }
  });
});

test("where nobody listens, nothing is said and nothing thrown: the poll does", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as { port: number };
  closed.close();
  const hints = new Hints();
  const access = {
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    accessKeyId: "some",
    secretAccessKey: "secret",
    forcePathStyle: true,
  };
  const { onChange, onUnable } = hints;
  const timing = { firstRetryMs: 10, maxRetryMs: 20 };
  const watching = watchBucket({ access, bucket: "bronze", prefix: "", timing, onChange, onUnable });
  await delay(300);
  await watching.close();
  expect(hints).toMatchObject({ count: 0, reasons: [] });
});

test("Amazon S3 is not even asked", async () => {
  const buckets = { bronze: "bronze", silver: "silver", quarantine: "quarantine", gold: "gold" };
  const s3 = { region: "us-east-1", forcePathStyle: false };
  const lake = await openLake({ url: new URL("s3://"), buckets, s3 });
  const hints = new Hints();
  await (await lake.watch("bronze", hints)).close();
  await lake.close();
  expect(hints).toMatchObject({
    count: 0,
    reasons: ["Amazon S3 has none (S3_ENDPOINT is not set)"],
  });
});

const minio = await ownMinio();
test.skipIf(!minio)("a user without the right to listen is told so once, one with it is not", async () => {
  const { server, stop } = minio!;
  onTestFinished(stop);
  const folder = await mkdtemp(path.join(tmpdir(), "ingot-policy-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const access = accessTo(server);
  const { bucket } = await makeBucket(access);
  const buckets = { bronze: bucket, silver: "silver", quarantine: "quarantine", gold: "gold" };
  const root = `http://${server.accessKeyId}:${server.secretAccessKey}@${new URL(server.endpoint).host}`;
  const mc = (...args: string[]) =>
    execFileSync("mc", ["--quiet", ...args], {
      env: { ...process.env, MC_HOST_it: root, MC_CONFIG_DIR: folder },
      stdio: ["ignore", "ignore", "inherit"],
    });
  for (const dialect of ["aws", "minio"] as const) {
    const file = path.join(folder, `${dialect}.json`);
    writeFileSync(file, JSON.stringify(policyOf("cleaner", { url: new URL("s3://"), buckets }, dialect)));
    mc("admin", "user", "add", "it", `${dialect}-user`, "secret-of-12-or-more");
    mc("admin", "policy", "create", "it", dialect, file);
    mc("admin", "policy", "attach", "it", dialect, "--user", `${dialect}-user`);
  }
  const watching = (user: string, hints: Hints) => {
    const { onChange, onUnable } = hints;
    const as = { ...access, accessKeyId: user, secretAccessKey: "secret-of-12-or-more" };
    return watchBucket({ access: as, bucket, prefix: "", onChange, onUnable });
  };
  const denied = new Hints();
  const without = watching("aws-user", denied);
  await vi.waitFor(() => expect(denied.reasons).toHaveLength(1), { timeout: 3_000 });
  expect(denied.reasons).toEqual([
    `${server.endpoint} does not permit it (AccessDenied; the right is s3:ListenBucketNotification)`,
  ]);
  const allowed = new Hints();
  const withRight = watching("minio-user", allowed);
  await delay(1_500);
  expect({ denied: denied.count, allowed: allowed.reasons }).toEqual({ denied: 0, allowed: [] });
  await Promise.all([without.close(), withRight.close()]);
});
