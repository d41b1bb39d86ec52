import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  DeleteBucketCommand,
  GetBucketVersioningCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { type LakeLocation, lakeLocation, placeOf } from "../../src/lake-location.ts";
import { LAYERS } from "../../src/object-names.ts";
import { readSettings } from "../../src/options.ts";
import { poll } from "../../src/polling.ts";
import {
  type ProvisionStep,
  provisionLake,
  type Retention,
  storeExpiry,
} from "../../src/storage/provision.ts";
import { S3Admin, Unsupported } from "../../src/storage/s3/admin.ts";
import { createS3Client } from "../../src/storage/s3/client.ts";
import { expiryRule, type LifecycleRule } from "../../src/storage/s3/lifecycle-rules.ts";
import { recordingLogger } from "../support/recorders.ts";
import { describeOnS3 } from "./s3-server.ts";

const outcomes = (steps: readonly ProvisionStep[], subject: ProvisionStep["subject"]): string[] =>
  steps.filter((step) => step.subject === subject).map(({ outcome }) => outcome);

describe("a lake in a folder", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-provision-"));
  const at = (url: string): LakeLocation =>
    lakeLocation(readSettings({ flags: {}, env: { LAKE_URL: url, GOLD_BUCKET: "figures" } }));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("gets the folders that are missing, by their names, and keeps what lies there", async () => {
    const lake = path.join(folder, "deep/lake");
    expect(outcomes(await provisionLake(at(lake), {}), "folder")).toEqual(Array(4).fill("created"));
    writeFileSync(path.join(lake, "bronze/orders.csv"), "kept");
    rmSync(path.join(lake, "figures"), { recursive: true });
    const steps = await provisionLake(at(lake), { bronze: 1 });
    expect(outcomes(steps, "folder")).toEqual(["present", "present", "present", "created"]);
    expect(steps[3]?.target).toBe(path.join(lake, "figures"));
    expect(existsSync(path.join(lake, "bronze/orders.csv"))).toBe(true);
    expect(await storeExpiry(at(lake), "bronze")).toBe("unsupported");
  });

  test("is refused where a file stands in its way", async () => {
    writeFileSync(path.join(folder, "file"), "");
    const blocked = pathToFileURL(path.join(folder, "file")).href;
    await expect(provisionLake(at(blocked), {})).rejects.toMatchObject({ code: "bucket_taken" });
  });
});

describeOnS3("the buckets of a lake", (access) => {
  const client = createS3Client(access);
  let admin: S3Admin;
  let hasRules: boolean;
  let keepsVersions: boolean;
  const made: string[] = [];
  afterAll(async () => {
    for (const Bucket of made) await client.send(new DeleteBucketCommand({ Bucket })).catch(() => undefined);
    client.destroy();
  });

  /** A lake of a name of its own. */
  const newLake = (url = "s3://"): LakeLocation => {
    const prefix = `t${randomBytes(5).toString("hex")}-`;
    const buckets = Object.fromEntries(LAYERS.map((layer) => [layer, `${prefix}${layer}`]));
    const location = { url: new URL(url), buckets, s3: access } as LakeLocation;
    made.push(...LAYERS.map((layer) => placeOf(layer, location.url, location.buckets).bucket));
    return location;
  };
  const sharedBucket = async (): Promise<string> => {
    const bucket = `shared-${randomBytes(5).toString("hex")}`;
    made.push(bucket);
    await admin.ensureBucket(bucket);
    return bucket;
  };
  const rulesOf = async (bucket: string): Promise<LifecycleRule[]> => (await admin.lifecycle(bucket)).rules;
  const idsOf = async (bucket: string): Promise<string[]> =>
    (await rulesOf(bucket)).map(({ id }) => id).sort();
  const expiries = async (bucket: string): Promise<string[]> =>
    (await idsOf(bucket)).filter((id) => id.startsWith("ingot-expire"));
  const versioningOf = async (Bucket: string): Promise<string | undefined> =>
    (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status;

  beforeAll(async () => {
    admin = await S3Admin.open(access);
    const bucket = await sharedBucket();
    const isAble = async (work: Promise<unknown>): Promise<boolean> =>
      work.then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(Unsupported);
          return false;
        },
      );
    hasRules = await isAble(admin.lifecycle(bucket));
    keepsVersions = await isAble(admin.enableVersioning(bucket));
  });

  test("are made once, and a second call finds everything done", async () => {
    const lake = newLake();
    expect(outcomes(await provisionLake(lake, {}), "bucket")).toEqual(Array(4).fill("created"));
    const again = await provisionLake(lake, {});
    expect(outcomes(again, "bucket")).toEqual(Array(4).fill("present"));
    expect(again.filter(({ outcome }) => outcome === "created" || outcome === "changed")).toEqual([]);
  });

  test("are made by several at once, all of whom succeed", async () => {
    const lake = newLake();
    /** As the command does: a store may well answer one of two who make the same bucket that it cannot right now. */
    const provision = async (): Promise<ProvisionStep[]> => {
      let steps: ProvisionStep[] = [];
      const pass = async () => {
        steps = await provisionLake(lake, { bronze: 9, quarantine: 8 });
        return { failures: [], moreInMs: undefined };
      };
      const { logger } = recordingLogger();
      await poll({
        pass,
        once: true,
        intervalMs: 100,
        signal: AbortSignal.timeout(30_000),
        clock: systemClock,
        logger,
      });
      return steps;
    };
    const runs = await Promise.all(Array.from({ length: 4 }, provision));
    for (const steps of runs) expect(outcomes(steps, "bucket")).toHaveLength(4);
    const again = await provisionLake(lake, { bronze: 9, quarantine: 8 });
    expect(outcomes(again, "bucket")).toEqual(Array(4).fill("present"));
    expect(again.filter(({ outcome }) => outcome === "created" || outcome === "changed")).toEqual([]);
    if (hasRules) expect(await storeExpiry(lake, "bronze")).toBe(9);
  });

  test("only bronze keeps older versions", async () => {
    const lake = newLake();
    const steps = await provisionLake(lake, {});
    expect(outcomes(steps, "versioning")).toEqual([keepsVersions ? "changed" : "unsupported"]);
    for (const layer of LAYERS) {
      const expected = layer === "bronze" && keepsVersions ? "Enabled" : undefined;
      expect({ layer, status: await versioningOf(lake.buckets[layer]) }).toEqual({ layer, status: expected });
    }
  });

  test("versioning that somebody suspended stays so", async (context) => {
    if (!keepsVersions) return context.skip("this store keeps no versions");
    const lake = newLake();
    await provisionLake(lake, {});
    const Bucket = lake.buckets.bronze;
    const VersioningConfiguration = { Status: "Suspended" } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    expect(outcomes(await provisionLake(lake, {}), "versioning")).toEqual(["left"]);
    expect(await versioningOf(Bucket)).toBe("Suspended");
  });

  test("without retention nothing expires anywhere", async (context) => {
    if (!hasRules) return context.skip("this store has no lifecycle rules");
    const lake = newLake();
    await provisionLake(lake, {});
    for (const layer of LAYERS) {
      const rules = await rulesOf(lake.buckets[layer]);
      expect(rules.filter(({ xml }) => /<(Expiration|NoncurrentVersionExpiration)>/.test(xml))).toEqual([]);
    }
  });

  test("retention follows its options: set, changed, removed; silver and gold never expire", async (context) => {
    if (!hasRules) return context.skip("this store has no lifecycle rules");
    const lake = newLake();
    const { bronze, silver, quarantine, gold } = lake.buckets;
    const rounds: [Retention, string[], string[]][] = [
      [{ bronze: 30, quarantine: 7 }, ["created"], ["created"]],
      [{ bronze: 30, quarantine: 7 }, ["present"], ["present"]],
      [{ bronze: 60, quarantine: 7 }, ["changed"], ["present"]],
      [{ quarantine: 7 }, ["removed"], ["present"]],
      [{}, [], ["removed"]],
      [{}, [], []],
    ];
    for (const [retention, ...expected] of rounds) {
      const steps = await provisionLake(lake, retention);
      const done = [bronze, quarantine].map((bucket) =>
        steps.flatMap(({ target, outcome, text }) =>
          target === `s3://${bucket}` && text.includes("ingot-expire") ? [outcome] : [],
        ),
      );
      expect({ retention, done }).toEqual({ retention, done: expected });
      expect(await storeExpiry(lake, "bronze")).toBe(retention.bronze ?? "no rule");
      expect(await storeExpiry(lake, "quarantine")).toBe(retention.quarantine ?? "no rule");
      expect([await expiries(silver), await expiries(gold)]).toEqual([[], []]);
    }
  });

  test("older versions expire with the current one", async (context) => {
    if (!hasRules) return context.skip("this store has no lifecycle rules");
    const lake = newLake();
    await provisionLake(lake, { bronze: 30 });
    const [rule] = await rulesOf(lake.buckets.bronze);
    expect(rule?.xml).toMatch(/<NoncurrentDays>30</);
    expect(rule?.xml).toMatch(/<Days>30</);
  });

  /** Rules as others have them, with texts that careless reading would change, and an extension of MinIO's. */
  const foreign: LifecycleRule[] = [
    "<ID>007</ID><Filter><And><Prefix>0123/a b </Prefix><Tag><Key>k</Key><Value>1e5</Value></Tag></And></Filter><Status>Disabled</Status><Expiration><Days>7</Days></Expiration>",
    "<ID>Müller &amp; Söhne &lt;1&gt;</ID><Filter><Prefix>müller/</Prefix></Filter><Status>Enabled</Status><NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>",
    "<ID>ingot-expire-everything</ID><Filter><Prefix>theirs/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>90</Days></Expiration>",
  ].map((content) => ({ id: /<ID>(.*?)<\/ID>/.exec(content)![1]!, xml: `<Rule>${content}</Rule>` }));

  test("rules of others stay to the letter, whatever becomes of ours", async (context) => {
    if (!hasRules) return context.skip("this store has no lifecycle rules");
    const lake = newLake();
    const bucket = lake.buckets.bronze;
    await admin.ensureBucket(bucket);
    await admin.setLifecycle(bucket, { rules: foreign });
    const before = await rulesOf(bucket);
    expect(before).toHaveLength(3);
    for (const retention of [{ bronze: 30 }, { bronze: 31 }, { bronze: 31 }, {}]) {
      await provisionLake(lake, retention);
      expect((await rulesOf(bucket)).slice(0, 3)).toEqual(before);
      expect(await storeExpiry(lake, "bronze")).toBe(retention.bronze ?? "no rule");
    }
  });

  test("a rule of ours that somebody switched off does not count, and is switched on again", async (context) => {
    if (!hasRules) return context.skip("this store has no lifecycle rules");
    const lake = newLake();
    const bucket = lake.buckets.bronze;
    await admin.ensureBucket(bucket);
    const ours = expiryRule({ layer: "bronze", bucket, prefix: "" }, 30);
    const off = { ...ours, xml: ours.xml.replace("Enabled", "Disabled") };
    await admin.setLifecycle(bucket, { rules: [off] });
    expect(await storeExpiry(lake, "bronze")).toBe("no rule");
    await provisionLake(lake, { bronze: 30 });
    expect(await storeExpiry(lake, "bronze")).toBe(30);
  });

  test("two lakes in one bucket have rules for their own folders, and leave each other's and the bucket alone", async () => {
    const bucket = await sharedBucket();
    const one = { ...newLake(`s3://${bucket}/the/lake`), buckets: namedPlainly() };
    const other = { ...newLake(`s3://${bucket}/Möwe & Söhne`), buckets: namedPlainly() };
    const first = await provisionLake(one, { bronze: 30, quarantine: 7 });
    expect(outcomes(first, "versioning")).toEqual(["left"]);
    expect(await versioningOf(bucket)).toBeUndefined();
    await provisionLake(other, { bronze: 60 });
    if (!hasRules) return;
    const again = await provisionLake(other, { bronze: 60 });
    expect(again.filter(({ outcome }) => outcome === "created" || outcome === "changed")).toEqual([]);
    expect(await storeExpiry(one, "bronze")).toBe(30);
    expect(await storeExpiry(one, "quarantine")).toBe(7);
    expect(await storeExpiry(other, "bronze")).toBe(60);
    const prefixes = (await rulesOf(bucket)).map(({ xml }) => /<Prefix>(.*?)<\/Prefix>/.exec(xml)?.[1]);
    expect(
      prefixes.every((prefix) => prefix && /^(the\/lake|Möwe &(amp|#38); Söhne)\/\w+\/$/.test(prefix)),
    ).toBe(true);
    await provisionLake(one, {});
    expect(await storeExpiry(one, "bronze")).toBe("no rule");
    expect(await storeExpiry(other, "bronze")).toBe(60);
  });
  const namedPlainly = (): LakeLocation["buckets"] =>
    Object.fromEntries(LAYERS.map((layer) => [layer, layer])) as LakeLocation["buckets"];

  test("a store that cannot expire older versions makes none of what is to expire", async (context) => {
    if (hasRules) return context.skip("this store has lifecycle rules");
    const lake = newLake();
    const steps = await provisionLake(lake, { bronze: 30 });
    expect(outcomes(steps, "lifecycle rule")).toEqual(Array(4).fill("unsupported"));
    expect(outcomes(steps, "versioning")).toEqual(["left"]);
    expect(await versioningOf(lake.buckets.bronze)).toBeUndefined();
    expect(await storeExpiry(lake, "bronze")).toBe("unsupported");
  });

  test("wrong credentials are one clear error", async () => {
    const lake = { ...newLake(), s3: { ...access, secretAccessKey: "wrong-secret-key" } };
    await expect(provisionLake(lake, {})).rejects.toMatchObject({
      code: "storage_denied",
      message: expect.stringContaining("S3_SECRET_ACCESS_KEY"),
    });
  });
});
