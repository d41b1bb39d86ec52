import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { IngotError } from "../src/errors.ts";
import { lakeLocation } from "../src/lake-location.ts";
import {
  bucketName,
  duration,
  httpUrl,
  integer,
  lakeUrl,
  numbers,
  text,
  timezone,
} from "../src/option-types.ts";
import {
  OPTIONS,
  type OptionName,
  type OptionSources,
  type OptionSpec,
  readSettings,
} from "../src/options.ts";

const SPECS = Object.entries(OPTIONS) as [OptionName, OptionSpec][];

const read = ({ flags = {}, env = {} }: Partial<OptionSources> = {}) => readSettings({ flags, env });

function errorOf(sources: Partial<OptionSources>): IngotError {
  try {
    read(sources);
  } catch (error) {
    if (error instanceof IngotError) return error;
    throw error;
  }
  throw new Error("It was accepted");
}

describe("where a value comes from", () => {
  test("without anything given, every option has its default", () => {
    expect(read()).toMatchObject({
      lakeUrl: pathToFileURL(path.resolve("lake")),
      pollInterval: 5000,
      businessTimezone: "UTC",
      emailHashKey: undefined,
      bucketPrefix: undefined,
      bronzeBucket: undefined,
      s3Endpoint: undefined,
      s3Region: "us-east-1",
      s3PathStyle: undefined,
      warehouseUrl: undefined,
      kpiDir: undefined,
      goldHistory: 100,
      generatorRows: { customers: 50, orders: 200, clicks: 500 },
      logFormat: "auto",
    });
  });

  test("a variable beats the default, a flag beats the variable", () => {
    const env = { POLL_INTERVAL: "7s" };
    expect(read({ env }).pollInterval).toBe(7000);
    expect(read({ env, flags: { "poll-interval": "9s" } }).pollInterval).toBe(9000);
  });

  test.each(["", "  "])("a variable that is %j counts as not set", (empty) => {
    const env = { POLL_INTERVAL: empty, EMAIL_HASH_KEY: empty, S3_REGION: empty, AWS_REGION: "eu-west-3" };
    expect(read({ env })).toMatchObject({
      pollInterval: 5000,
      emailHashKey: undefined,
      s3Region: "eu-west-3",
    });
  });

  test("blanks around a value do not count", () => {
    expect(read({ env: { POLL_INTERVAL: " 7s\n" } }).pollInterval).toBe(7000);
  });

  test.each([
    ["s3Endpoint", { AWS_ENDPOINT_URL: "http://b", AWS_ENDPOINT_URL_S3: "http://a" }, "http://a"],
    ["s3Endpoint", { AWS_ENDPOINT_URL: "http://b" }, "http://b"],
    ["s3Region", { AWS_DEFAULT_REGION: "b", AWS_REGION: "a" }, "a"],
    ["s3Region", { AWS_REGION: "a", S3_REGION: "own" }, "own"],
    ["s3AccessKeyId", { AWS_ACCESS_KEY_ID: "id" }, "id"],
    ["s3SecretAccessKey", { AWS_SECRET_ACCESS_KEY: "secret" }, "secret"],
  ] as const)("%s is also taken from %j", (name, env, expected) => {
    expect(read({ env })[name]).toBe(expected);
  });

  test("secrets have no flag", () => {
    const withoutFlag = SPECS.filter(([, spec]) => spec.flag === undefined).map(([name]) => name);
    expect(withoutFlag).toEqual(SPECS.filter(([, spec]) => spec.isSecret).map(([name]) => name));
    expect(withoutFlag).toEqual(expect.arrayContaining(["emailHashKey", "s3SecretAccessKey", "smtpUrl"]));
  });

  test("a secret may lie in a file that a variable names; the secret itself wins", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "ingot-options-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, "key");
    writeFileSync(file, "from the file\n");
    expect(read({ env: { EMAIL_HASH_KEY_FILE: file } }).emailHashKey).toBe("from the file");
    const both = { S3_ACCESS_KEY_ID_FILE: file, AWS_ACCESS_KEY_ID: "alias" };
    expect(read({ env: both }).s3AccessKeyId).toBe("from the file");
    expect(read({ env: { ...both, S3_ACCESS_KEY_ID: "itself" } }).s3AccessKeyId).toBe("itself");
    expect(read({ env: { EMAIL_HASH_KEY_FILE: " " } }).emailHashKey).toBeUndefined();
    for (const [content, reason] of [
      [undefined, "cannot be read"],
      [" \n", "is empty"],
    ] as const) {
      rmSync(file);
      if (content !== undefined) writeFileSync(file, content);
      const error = errorOf({ env: { S3_SECRET_ACCESS_KEY_FILE: file } });
      expect(error.context).toEqual({ variable: "S3_SECRET_ACCESS_KEY_FILE" });
      expect(error.message).toContain(`S3_SECRET_ACCESS_KEY_FILE names ${file}, which ${reason}`);
      writeFileSync(file, "");
    }
  });

  test("a secret in a file that is not allowed is an error which does not tell it", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "ingot-options-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, "smtp");
    writeFileSync(file, "mail.example:hunter2");
    const error = errorOf({ env: { SMTP_URL_FILE: file } });
    expect(error.message).toContain(`SMTP_URL_FILE names ${file}`);
    expect(error.message).not.toContain("hunter2");
  });

  test("no two options share a flag or a variable", () => {
    const variables = SPECS.flatMap(([, { variable, aliases = [] }]) => [variable, ...aliases]);
    const flags = SPECS.flatMap(([, { flag }]) => flag ?? []);
    expect(new Set(variables).size).toBe(variables.length);
    expect(new Set(flags).size).toBe(flags.length);
  });
});

describe("a value that is not allowed", () => {
  const WRONG: Partial<Record<OptionName, string>> = {
    lakeUrl: "gs://bucket",
    pollInterval: "fast",
    businessTimezone: "Europe/Pari",
    bucketPrefix: "Acme_",
    bronzeBucket: "no",
    silverBucket: "Silver",
    quarantineBucket: "a/b",
    goldBucket: "gold-",
    s3Endpoint: "127.0.0.1:9000",
    s3PathStyle: "maybe",
    goldHistory: "0",
    bronzeRetentionDays: "0",
    quarantineRetentionDays: "1.5",
    goldRetentionDays: "forever",
    pipelines: "Wine Merchant",
    schedules: "wine-merchant",
    scheduleTimezone: "Paris",
    runNotifications: "some",
    notifications: "always",
    compactedCsv: "delete",
    reconcileInterval: "hourly",
    healthPort: "65536",
    healthHost: "not a host",
    dashboardPort: "0",
    dashboardHost: "not a host",
    dashboardToken: "short",
    dashboardTimeout: "never",
    currency: "euros",
    alarmWebhookUrl: "hooks.slack.com/services/secret",
    alarmEmailTo: "ana@shop.example;bo@shop.example",
    alarmEmailFrom: "Ingot",
    smtpUrl: "http://user:secret@mail.example",
    alarmQuietPeriod: "never",
    openlineageUrl: "marquez:5000",
    cleanerConcurrency: "65",
    generatorSeed: "-1",
    generatorRows: "orders=many",
    generatorFaults: "invalid_ip=2",
    generatorHistory: "4 weeks",
    logLevel: "loud",
    logFormat: "xml",
  };

  test.each(SPECS.filter(([, { type }]) => type !== text))("%s says what is allowed", (name, spec) => {
    const given = WRONG[name];
    if (given === undefined) throw new Error(`No wrong value of ${name} is known to this test`);
    const byVariable = errorOf({ env: { [spec.variable]: given } });
    expect(byVariable).toMatchObject({ code: "invalid_option", exitCode: 2, transient: false });
    expect(byVariable.context).toEqual({ variable: spec.variable });
    for (const part of [spec.variable, spec.type.allowed, spec.help]) {
      expect(byVariable.message).toContain(part);
    }
    if (spec.isSecret) {
      expect(byVariable.message).not.toContain(given);
      return;
    }
    expect(byVariable.message).toContain(`"${given}"`);
    const byFlag = errorOf({ flags: { [spec.flag!]: given } });
    for (const part of [`--${spec.flag}`, spec.variable, `"${given}"`, spec.type.allowed]) {
      expect(byFlag.message).toContain(part);
    }
  });

  test("an alias is named where it is the one that was given", () => {
    expect(errorOf({ env: { AWS_ENDPOINT_URL: "nowhere" } }).message).toMatch(
      /^AWS_ENDPOINT_URL is "nowhere"/,
    );
  });

  test("a flag that is empty is not passed over", () => {
    expect(errorOf({ flags: { lake: "" }, env: { LAKE_URL: "./lake" } }).message).toMatch(/^--lake/);
  });
});

describe("types", () => {
  test.each([
    ["500ms", 500],
    ["5s", 5000],
    ["5", 5000],
    ["0.5", 500],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["24d", 2_073_600_000],
    ["5 s", 5000],
    ["50ms", 50],
    ["49ms", undefined],
    ["25d", undefined],
    ["-5s", undefined],
    ["5 minutes", undefined],
    ["1e3", undefined],
    ["", undefined],
  ])("duration %j is %s ms", (given, ms) => {
    expect(duration(50).parse(given)).toBe(ms);
  });

  test.each([
    ["./lake", pathToFileURL(path.resolve("lake")).href],
    ["lake", pathToFileURL(path.resolve("lake")).href],
    ["/srv/my lake#1", "file:///srv/my%20lake%231"],
    ["file:///srv/lake", "file:///srv/lake"],
    ["s3://", "s3://"],
    ["s3://bucket/some/path", "s3://bucket/some/path"],
    ["S3://bucket", "s3://bucket"],
    ["file://server/share", undefined],
    ["gs://bucket", undefined],
    ["http://127.0.0.1:9000", undefined],
    ["", undefined],
  ])("lake %j is %s", (given, href) => {
    expect(lakeUrl.parse(given)?.href).toBe(href);
  });

  test.each([
    ["10", 10],
    ["+3", 3],
    ["1", 1],
    ["0", undefined],
    ["11", undefined],
    ["1.0", undefined],
    ["1e1", undefined],
    ["", undefined],
  ])("whole number from 1 to 10: %j is %s", (given, value) => {
    expect(integer(1, 10).parse(given)).toBe(value);
  });

  test.each([
    ["customers=5,orders=20", { customers: 5, orders: 20 }],
    ["orders=0.5, clicks=1", { orders: 0.5, clicks: 1 }],
    ["7", { "*": 7 }],
    ["orders=", undefined],
    ["orders=-1", undefined],
    ["orders=21", undefined],
    ["orders=1,,clicks=2", undefined],
    ["", undefined],
  ])("numbers from 0 to 20: %j is %j", (given, value) => {
    expect(numbers(0, 20, "orders=2").parse(given)).toEqual(value);
  });

  test.each([
    ["true", true],
    ["YES", true],
    ["1", true],
    ["off", false],
    ["0", false],
  ])("switch %s is %s", (given, value) => {
    expect(read({ env: { S3_PATH_STYLE: given } }).s3PathStyle).toBe(value);
  });

  test.each([
    ["UTC", "UTC"],
    ["europe/paris", "Europe/Paris"],
    ["+02:00", undefined],
    ["Mars/Olympus", undefined],
    ["", undefined],
  ])("time zone %j is %s", (given, name) => {
    expect(timezone.parse(given)).toBe(name);
  });

  test.each(["abc", "my-lake.bronze", "a".repeat(63)])("%s can name a bucket", (name) => {
    expect(bucketName.parse(name)).toBe(name);
  });

  test.each(["ab", "a".repeat(64), "Bronze", "a_b", "a/b", "../x", "-ab", "ab."])("%s cannot", (name) => {
    expect(bucketName.parse(name)).toBeUndefined();
  });

  test("an address loses its last slash, so that paths can be put after it", () => {
    expect(httpUrl.parse("http://127.0.0.1:9000/")).toBe("http://127.0.0.1:9000");
  });
});

describe("where the layers lie", () => {
  const NAMES = { bronze: "bronze", silver: "silver", quarantine: "quarantine", gold: "gold" };
  const locate = (env: OptionSources["env"]) => lakeLocation(read({ env }));

  test("in folders of their own names", () => {
    expect(locate({ LAKE_URL: "/srv/lake" })).toEqual({ url: new URL("file:///srv/lake"), buckets: NAMES });
  });

  test("a prefix goes before every name but those given", () => {
    expect(locate({ BUCKET_PREFIX: "acme-", GOLD_BUCKET: "reports" }).buckets).toEqual({
      bronze: "acme-bronze",
      silver: "acme-silver",
      quarantine: "acme-quarantine",
      gold: "reports",
    });
  });

  test.each([
    [{}, { region: "us-east-1", forcePathStyle: false }],
    [
      { S3_ENDPOINT: "http://127.0.0.1:9000", S3_ACCESS_KEY_ID: "id", S3_SECRET_ACCESS_KEY: "secret" },
      {
        region: "us-east-1",
        forcePathStyle: true,
        endpoint: "http://127.0.0.1:9000",
        accessKeyId: "id",
        secretAccessKey: "secret",
      },
    ],
    [
      { S3_ENDPOINT: "https://store.example", S3_PATH_STYLE: "false" },
      { region: "us-east-1", forcePathStyle: false, endpoint: "https://store.example" },
    ],
  ])("on s3:// with %j", (env, s3) => {
    expect(locate({ ...env, LAKE_URL: "s3://" }).s3).toEqual(s3);
  });
});
