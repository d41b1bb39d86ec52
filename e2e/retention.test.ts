import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCleaner, createExpiry } from "@ingot/cleaner";
import {
  type Clock,
  type Lake,
  type LakeLocation,
  lakeLocation,
  openLake,
  provisionLake,
  type Retention,
  readSettings,
  storeExpiry,
  systemClock,
} from "@ingot/common";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { describeOnS3, makeBucket } from "../packages/common/test/storage/s3-server.ts";
import { ownMinio } from "../packages/common/test/storage/s3-servers.ts";
import { recordingLogger } from "../packages/common/test/support/recorders.ts";
import {
  copyInto,
  type Lake as Folder,
  finished,
  REPOSITORY,
  startIngot,
  temporaryLake,
  until,
} from "./support.ts";

const SAMPLE = path.join(REPOSITORY, "e2e/sample/bronze");
const DAY_MS = 86_400_000;

describe("a folder lake", () => {
  const backdate = (lake: Folder, layer: string, days: number): void => {
    const seconds = (Date.now() - days * DAY_MS) / 1000;
    for (const file of lake.files(layer)) utimesSync(path.join(lake.folder, layer, file), seconds, seconds);
  };
  const RETENTION = {
    BRONZE_RETENTION_DAYS: "30",
    QUARANTINE_RETENTION_DAYS: "30",
    GOLD_RETENTION_DAYS: "30",
  };

  test("loses raw files and rejects after their time, and nothing of its figures, whatever is called then", async () => {
    const lake = temporaryLake();
    copyInto(lake, SAMPLE);
    const run = async (args: string, env: Record<string, string> = RETENTION): Promise<string> => {
      const { code, stdout, stderr } = await lake.ingot(args, env);
      expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
      return stdout;
    };
    backdate(lake, "bronze", 40);
    await run("clean --once", {});
    await run("aggregate --once", {});
    const [gold, silver] = [lake.gold(), lake.files("silver")];
    const before = JSON.parse(await run("status --json"));
    expect(lake.files("bronze")).toHaveLength(4);
    backdate(lake, "quarantine", 40);

    await run("clean --once");
    expect([lake.files("bronze"), lake.files("quarantine")]).toEqual([[], []]);
    for (const args of ["aggregate --once", "rebuild", "rebuild --from bronze", "clean --once"]) {
      await run(args);
      expect(lake.files("silver")).toEqual(silver);
      expect(lake.gold()).toEqual(gold);
    }
    const after = JSON.parse(await run("status --json"));
    expect(after.backlog).toEqual({ bronze: 0, silver: 0, lag_seconds: 0 });
    expect({ ...after, layers: {} }).toEqual({ ...before, layers: {}, kpis: after.kpis });
    expect(after.layers.bronze).toEqual({ objects: 0, bytes: 0, rows: before.layers.bronze.rows });
    expect(after.layers.quarantine.rows).toBe(before.layers.quarantine.rows);
  });

  test("is swept when the cleaner starts, which goes on cleaning", async () => {
    const lake = temporaryLake();
    copyInto(lake, SAMPLE);
    backdate(lake, "bronze", 40);
    expect((await lake.ingot("clean --once")).code).toBe(0);
    const service = lake.start("clean --poll-interval 100ms", RETENTION);
    const ended = finished(service);
    await until("bronze is empty", () => lake.files("bronze").length === 0, 20_000);
    const cleaned = lake.files("silver").length;
    writeFileSync(path.join(lake.bronze, "orders_next.json"), "[]");
    await until("the next file is cleaned", () => lake.files("silver").length > cleaned, 20_000);
    service.kill();
    expect((await ended).code).toBe(0);
    expect(lake.files("bronze")).toEqual(["orders_next.json"]);
  });

  test("whose cleaner cannot clean one file still loses the others", async () => {
    const lake = temporaryLake();
    copyInto(lake, SAMPLE);
    backdate(lake, "bronze", 40);
    expect((await lake.ingot("clean --once")).code).toBe(0);
    // A folder where its silver object has to go.
    mkdirSync(path.join(lake.folder, "silver/orders_clean_stuck.csv/x"), { recursive: true });
    writeFileSync(path.join(lake.bronze, "orders_stuck.json"), "[]");
    utimesSync(path.join(lake.bronze, "orders_stuck.json"), 1_000_000, 1_000_000);
    expect((await lake.ingot("clean --once", RETENTION)).code).toBe(1);
    expect(lake.files("bronze")).toEqual(["orders_stuck.json"]);
  });
});

const inDays = (days: number): Clock => ({
  ...systemClock,
  now: () => new Date(Date.now() + days * DAY_MS),
});
const { signal } = new AbortController();

/** Looks for what is too old, as a cleaner with this access does so many days from now. */
async function expire(location: LakeLocation, retention: Retention, days: number, times = 1) {
  const lake = await openLake(location);
  const { logger, lines } = recordingLogger();
  const byStore = (layer: "bronze" | "quarantine") => storeExpiry(location, layer);
  const expiry = createExpiry({ lake, retention, storeExpiry: byStore, clock: inDays(days), logger });
  let deleted = 0;
  for (let time = 0; time < times; time++) deleted += (await expiry.pass(signal)).deleted;
  await lake.close();
  const warnings = lines.filter(({ level }) => level === "warn").map(({ msg }) => msg);
  return { deleted, warnings, lines: lines.map(({ msg }) => msg) };
}

const ORDERS = Buffer.from(`[{"order_id":"o1","quantity":1,"unit_price":2,"order_ts":"2026-01-01"},{}]`);

async function fill(lake: Lake): Promise<void> {
  await lake.bronze.write("orders_a.json", ORDERS);
  await lake.bronze.write("orders_b.json", ORDERS);
  await lake.bronze.write("invoice.pdf", ORDERS);
  const { logger } = recordingLogger();
  const options = {
    businessTimezone: "UTC",
    emailHashKey: undefined,
    concurrency: 2,
    clock: systemClock,
    logger,
  };
  await createCleaner({ ...options, lake }).pass(signal);
  await lake.bronze.write("orders_c.json", ORDERS);
}

const layout = async (lake: Lake): Promise<Record<string, string[]>> => {
  const keysOf = async (layer: "bronze" | "silver" | "quarantine") =>
    (await Array.fromAsync(lake[layer].list())).map(({ key }) => key);
  return {
    bronze: await keysOf("bronze"),
    silver: await keysOf("silver"),
    quarantine: await keysOf("quarantine"),
  };
};

describeOnS3("retention in a bucket", (access) => {
  test("is the cleaner's where the store has no rule of ours: what was not cleaned and what is others' stays", async () => {
    const { bucket, remove } = await makeBucket(access);
    onTestFinished(remove);
    const buckets = { bronze: "bronze", silver: "silver", quarantine: "quarantine", gold: "gold" };
    const location: LakeLocation = { url: new URL(`s3://${bucket}/lake`), buckets, s3: access };
    const lake = await openLake(location);
    onTestFinished(() => lake.close());
    await fill(lake);
    const before = await layout(lake);
    const retention = { bronze: 30, quarantine: 30 };
    expect((await expire(location, retention, 29)).deleted).toBe(0);
    expect((await expire(location, {}, 4000)).deleted).toBe(0);
    expect(await layout(lake)).toEqual(before);
    expect(await expire(location, retention, 31)).toMatchObject({ deleted: 4, warnings: [] });
    expect(await layout(lake)).toEqual({
      bronze: ["invoice.pdf", "orders_c.json"],
      silver: before.silver,
      quarantine: [],
    });
  });

  test("is the store's where it has our rule", async (context) => {
    const { bucket, remove } = await makeBucket(access);
    onTestFinished(remove);
    const buckets = { bronze: "bronze", silver: "silver", quarantine: "quarantine", gold: "gold" };
    const location: LakeLocation = { url: new URL(`s3://${bucket}/lake`), buckets, s3: access };
    await provisionLake(location, { bronze: 30, quarantine: 30 });
    if ((await storeExpiry(location, "bronze")) === "unsupported")
      return context.skip("no lifecycle rules here");
    const lake = await openLake(location);
    onTestFinished(() => lake.close());
    await fill(lake);
    expect(await expire(location, { bronze: 30, quarantine: 30 }, 300)).toEqual({
      deleted: 0,
      warnings: [],
      lines: [],
    });
    expect((await expire(location, { bronze: 20 }, 300)).warnings).toEqual([
      expect.stringContaining("run `ingot init` again"),
    ]);
    expect((await layout(lake)).bronze).toHaveLength(4);
  });
});

const minio = await ownMinio();
if (!minio)
  test.skip("retention with few rights: did not run, `minio` and `mc` are not on the PATH", () => {});

describe.runIf(minio)("a cleaner with the rights of its role", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-retention-"));
  const secrets = path.join(folder, "secrets");
  const environment = (who: string, [key, secret]: readonly [string, string]): Record<string, string> => ({
    LAKE_URL: "s3://",
    S3_ENDPOINT: minio?.server.endpoint ?? "",
    S3_ACCESS_KEY_ID_FILE: path.join(secrets, who, key),
    S3_SECRET_ACCESS_KEY_FILE: path.join(secrets, who, secret),
    LOG_FORMAT: "json",
  });
  const administrator = () => environment("store", ["root_user", "root_password"]);
  const cleaner = () => environment("cleaner", ["access_key", "secret_key"]);
  const locationOf = (env: Record<string, string>): LakeLocation =>
    lakeLocation(readSettings({ flags: {}, env }));
  const init = async (env: Record<string, string>) =>
    finished(startIngot("init --json", { cwd: folder, env: { ...administrator(), ...env } }));

  beforeAll(async () => {
    if (!minio) return;
    mkdirSync(path.join(secrets, "store"), { recursive: true });
    writeFileSync(path.join(secrets, "store/root_user"), minio.server.accessKeyId);
    writeFileSync(path.join(secrets, "store/root_password"), minio.server.secretAccessKey);
    const env = administrator();
    expect(await finished(startIngot(`credentials ${secrets}`, { cwd: folder, env }))).toMatchObject({
      code: 0,
    });
    expect(await init({})).toMatchObject({ code: 0 });
    const { PATH } = process.env;
    const made = spawnSync("sh", [path.join(REPOSITORY, "infra/store/users.sh")], {
      env: {
        PATH,
        SECRETS: secrets,
        STORE_URL: minio.server.endpoint,
        MC_CONFIG_DIR: path.join(folder, "mc"),
      },
      encoding: "utf8",
    });
    expect(made).toMatchObject({ status: 0 });
    const lake = await openLake(locationOf(administrator()));
    await fill(lake);
    await lake.close();
  }, 60_000);
  afterAll(async () => {
    await minio?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const bronzeCount = async (): Promise<number | undefined> => {
    const lake = await openLake(locationOf(administrator()));
    const { bronze } = await layout(lake);
    await lake.close();
    return bronze?.length;
  };

  test("says in one line who has to do what it may not, and goes on", async () => {
    const { deleted, warnings } = await expire(locationOf(cleaner()), { bronze: 30 }, 40, 3);
    expect(deleted).toBe(0);
    expect(warnings).toEqual([
      expect.stringMatching(/^BRONZE_RETENTION_DAYS is 30.*`ingot init` as administrator/),
    ]);
    expect(await bronzeCount()).toBe(4);
    const once = await finished(
      startIngot("clean --once", { cwd: folder, env: { ...cleaner(), BRONZE_RETENTION_DAYS: "30" } }),
    );
    expect(once).toMatchObject({ code: 0 });
  });

  test("leaves it to the store, silently, once an administrator has called `ingot init`", async () => {
    const days = { BRONZE_RETENTION_DAYS: "30", QUARANTINE_RETENTION_DAYS: "30", GOLD_RETENTION_DAYS: "5" };
    const { stdout } = await init(days);
    expect(JSON.parse(stdout)).toMatchObject({
      lake: "s3://",
      steps: expect.arrayContaining([
        expect.objectContaining({ target: "s3://bronze", subject: "lifecycle rule", outcome: "created" }),
      ]),
      notes: [expect.stringContaining("the aggregator deletes versions older than 5 days")],
    });
    const { lines } = await expire(locationOf(cleaner()), { bronze: 30, quarantine: 30 }, 40);
    expect(lines).toEqual([]);
    expect(await bronzeCount()).toBe(4);
  });

  test("may not call `ingot init` itself", async () => {
    const { code, stderr } = await finished(startIngot("init", { cwd: folder, env: cleaner() }));
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/administer the store/),
    });
  });
});
