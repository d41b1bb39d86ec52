import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { S3Access } from "@ingot/common";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createMinioClient } from "../packages/common/src/storage/s3/minio-client.ts";
import { type Bench, makeBench } from "../packages/common/test/storage/bench.ts";
import { describeOnOneS3, describeOnS3 } from "../packages/common/test/storage/s3-server.ts";
import { type Diagnosis, diagnose, passOn, serve } from "./doctor-support.ts";
import { finished, startIngot } from "./support.ts";

const LAYERS = ["bronze", "silver", "quarantine", "gold"];
const BRONZE_KEY = "customers/dt=2026-01-01/customers_20260101T000000.csv";

/** Buckets for `ingot doctor` to look at, made before the tests of a suite and removed after them. */
function patient(access: S3Access & { endpoint: string }) {
  const prefix = `doctor${randomBytes(4).toString("hex")}-`;
  const buckets = LAYERS.map((layer) => prefix + layer);
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-doctor-"));
  let bench: Bench;

  const doctor = (given: Record<string, string> = {}, args = ""): Promise<Diagnosis> =>
    diagnose(args, { cwd: folder, env: { ...environment(access, prefix), ...given } });

  beforeAll(async () => {
    bench = await makeBench(access, buckets, buckets[0]);
    await bench.put(buckets[0]!, BRONZE_KEY, "customer_id\n1\n");
  });

  afterAll(async () => {
    await bench.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The check that fails, with what depends on it left out and a remedy; nothing was changed on the store. */
  async function expectFailure(
    check: string,
    given: Record<string, string>,
    detail: RegExp,
  ): Promise<Diagnosis> {
    const before = await bench.inventory();
    const diagnosis = await doctor(given);
    expect(diagnosis.checks("failed"), JSON.stringify(diagnosis.findings)).toEqual([check]);
    expect(diagnosis.code).toBe(1);
    const finding = diagnosis.findings.find(({ status }) => status === "failed");
    expect(finding?.detail).toMatch(detail);
    expect(finding?.remedy).toMatch(/\w{3}/);
    expect(await bench.inventory()).toEqual(before);
    return diagnosis;
  }

  return { prefix, buckets, folder, doctor, expectFailure, bench: () => bench };
}

describeOnS3("ingot doctor", (access) => {
  const { prefix, buckets, bench, doctor, expectFailure } = patient(access);

  test("finds a healthy deployment in order, and leaves nothing behind", async () => {
    const before = await bench().inventory();
    expect(before.length).toBeGreaterThan(0);
    const diagnosis = await doctor();
    expect(diagnosis).toMatchObject({ code: 0, stderr: "" });
    expect(diagnosis.checks("failed")).toEqual([]);
    expect(diagnosis.checks("ok")).toEqual(
      expect.arrayContaining([
        "settings",
        "reachable",
        "clock",
        "credentials",
        "buckets",
        "permissions",
        "lake",
      ]),
    );
    const good = diagnosis.findings
      .filter(({ status }) => status === "ok")
      .map(({ check, subject }) => `${check} ${subject}`);
    expect(good).toEqual(
      expect.arrayContaining(["conditional_create in one piece", "conditional_create in parts"]),
    );
    expect(diagnosis.findings.find(({ check }) => check === "consistency")?.detail).toMatch(
      /listed.*metadata.*part of an object/,
    );
    expect(await bench().inventory()).toEqual(before);
  });

  test("a wrong secret, and an unknown key", async () => {
    const wrong = await expectFailure(
      "credentials",
      { S3_SECRET_ACCESS_KEY: "not-the-secret" },
      /secret is wrong/,
    );
    expect(wrong.stdout + wrong.stderr).not.toContain("not-the-secret");
    expect(wrong.checks("skipped")).toEqual(
      expect.arrayContaining(["buckets", "permissions", "conditional_create"]),
    );
    await expectFailure("credentials", { S3_ACCESS_KEY_ID: "nobody" }, /does not know the access key/);
  });

  test("buckets that are missing, with a hint at those that are there", async () => {
    const { findings } = await expectFailure("buckets", { BUCKET_PREFIX: "nowhere-" }, /nowhere-bronze/);
    const remedy = findings.find(({ status }) => status === "failed")?.remedy;
    expect(remedy).toMatch(/ingot init/);
    expect(remedy).toContain("BUCKET_PREFIX=");
  });

  test("one bucket that is missing", async () => {
    const diagnosis = await expectFailure("buckets", { GOLD_BUCKET: `${prefix}gone` }, /no bucket/);
    expect(diagnosis.checks("ok")).toEqual(expect.arrayContaining(["permissions", "conditional_create"]));
  });

  test("retention that nobody carries out is a warning, or the cleaner's work", async () => {
    const { findings } = await doctor({ BRONZE_RETENTION_DAYS: "9" });
    const retention = findings.find(({ check }) => check === "retention");
    if (retention?.status === "warning") expect(retention.remedy).toMatch(/ingot init/);
    else expect(retention).toMatchObject({ status: "ok", detail: expect.stringContaining("cleaner") });
  });

  test("names that are no input are told, in short", async () => {
    const key = "holiday photo, Zoë.jpg";
    await bench().put(buckets[2]!, key, "x");
    const given = { BRONZE_BUCKET: buckets[2]!, QUARANTINE_BUCKET: buckets[0]! };
    const { code, findings } = await doctor(given);
    await bench().delete(buckets[2]!, key);
    expect(code).toBe(0);
    const unrecognised = findings.find(({ subject }) => subject === "unrecognised");
    expect(unrecognised).toMatchObject({ status: "warning", detail: expect.stringContaining("Zoë.jpg") });
  });

  test("a store that ignores If-None-Match", async () => {
    const endpoint = await forgetfulProxy(access);
    const diagnosis = await expectFailure(
      "conditional_create",
      { S3_ENDPOINT: endpoint },
      /replaced the first/,
    );
    expect(diagnosis.findings.find(({ status }) => status === "failed")?.remedy).toMatch(/two cleaners/);
  });

  test("a proxy that shows no parts of objects", async () => {
    const endpoint = await serve((request, response) => {
      passOn(access.endpoint, request, (answer) => {
        const { "content-range": range, ...headers } = answer.headers;
        response.writeHead(range === undefined ? (answer.statusCode ?? 500) : 200, headers);
        answer.pipe(response);
      });
    });
    await expectFailure("consistency", { S3_ENDPOINT: endpoint }, /part/);
  });
});

describeOnOneS3("ingot doctor, whatever the store is", (access, server) => {
  const { prefix, folder, doctor, expectFailure } = patient(access);

  test("says the same to people, in lines that can be told apart without colour, without secrets", async () => {
    const env = { ...environment(access, prefix), BRONZE_RETENTION_DAYS: "9" };
    const { code, stdout } = await finished(startIngot("doctor", { cwd: folder, env }));
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("✓ ")).length).toBeGreaterThan(8);
    expect(lines.at(-1)).toMatch(/^(\d+ warnings?, )?\d+ in order(, \d+ not checked)?\.$/);
    expect(lines.every((line) => line.length <= 110)).toBe(true);
    expect(stdout).not.toContain(server.secretAccessKey);
    expect(stdout).not.toContain(server.accessKeyId);
  });

  test("a server that is down", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const diagnosis = await expectFailure(
      "reachable",
      { S3_ENDPOINT: `http://127.0.0.1:${port}` },
      /Nothing listens/,
    );
    expect(diagnosis.checks("skipped")).toEqual(
      expect.arrayContaining(["clock", "credentials", "permissions"]),
    );
  });

  test("a web page where the store should be", async () => {
    const page = await serve((_, response) => {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>Console</title>");
    });
    await expectFailure("reachable", { S3_ENDPOINT: page }, /no S3 store.*a web page/);
  });

  test("the store's console", async () => {
    const consolePage = await serve((_, response) => {
      response.setHeader("server", "MinIO Console").end("<html></html>");
    });
    await expectFailure("reachable", { S3_ENDPOINT: consolePage }, /console/);
  });

  test("a name that nobody knows", async () => {
    await expectFailure("reachable", { S3_ENDPOINT: "http://store.invalid:9000" }, /no machine of this name/);
  });

  test("https where the store has no certificate", async () => {
    await expectFailure("reachable", { S3_ENDPOINT: access.endpoint.replace("http:", "https:") }, /TLS/);
  });

  test("a server that hangs does not hang the doctor", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const started = performance.now();
    await expectFailure("reachable", { S3_ENDPOINT: `http://127.0.0.1:${port}` }, /does not answer/);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("a store that hangs after it has shown itself", async () => {
    const endpoint = await serve((request, response) => {
      if (request.headers.authorization !== undefined) return;
      passOn(access.endpoint, request, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
    });
    await expectFailure("credentials", { S3_ENDPOINT: endpoint }, /Timeout/);
  });

  for (const [offset, status] of [
    [-3_600_000, "failed"],
    [30_000, "warning"],
  ] as const) {
    test(`a clock that is ${offset / 1000} s off`, async () => {
      const endpoint = await serve((request, response) => {
        passOn(access.endpoint, request, (answer) => {
          const date = new Date(Date.now() + offset).toUTCString();
          response.writeHead(answer.statusCode ?? 500, { ...answer.headers, date });
          answer.pipe(response);
        });
      });
      const diagnosis = await doctor({ S3_ENDPOINT: endpoint });
      const clock = diagnosis.findings.find(({ check }) => check === "clock");
      expect(clock?.status).toBe(status);
      expect(clock?.detail).toMatch(offset > 0 ? /behind/ : /ahead/);
      expect(clock?.remedy).toMatch(/set-ntp/);
      expect(diagnosis.code).toBe(status === "failed" ? 1 : 0);
    });
  }

  test("one half of the credentials", async () => {
    await expectFailure("settings", { S3_SECRET_ACCESS_KEY: "" }, /S3_SECRET_ACCESS_KEY is not set/);
  });
});

function environment(
  { endpoint, ...keys }: S3Access & { endpoint: string },
  prefix: string,
): Record<string, string> {
  return {
    LAKE_URL: "s3://",
    BUCKET_PREFIX: prefix,
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY_ID: keys.accessKeyId ?? "",
    S3_SECRET_ACCESS_KEY: keys.secretAccessKey ?? "",
    EMAIL_HASH_KEY: "a secret of this test",
    NOTIFICATIONS: "off",
  };
}

/** A real store behind a proxy that drops the condition; it signs such requests anew, since the header was signed. */
async function forgetfulProxy(access: S3Access & { endpoint: string }): Promise<string> {
  const minio = await createMinioClient(access);
  return await serve(async (request, response) => {
    const back = (answer: import("node:http").IncomingMessage): void => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    };
    if (request.headers["if-none-match"] === undefined) return void passOn(access.endpoint, request, back);
    const asked = new URL(request.url ?? "/", access.endpoint);
    const [, bucket = "", ...key] = decodeURIComponent(asked.pathname).split("/");
    const query = Object.fromEntries([...asked.searchParams].filter(([name]) => name !== "x-id"));
    const url = new URL(await minio.presignedUrl(request.method ?? "PUT", bucket, key.join("/"), 60, query));
    const { "content-length": length = "0" } = request.headers;
    passOn(access.endpoint, request, back, {
      path: url.pathname + url.search,
      headers: { host: url.host, "content-length": length },
    });
  });
}
