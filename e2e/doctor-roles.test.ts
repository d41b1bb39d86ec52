import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Policy, policyOf, ROLES, type Role } from "@ingot/common";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, makeBench } from "../packages/common/test/storage/bench.ts";
import { accessTo } from "../packages/common/test/storage/s3-server.ts";
import { ownMinio } from "../packages/common/test/storage/s3-servers.ts";
import { type Diagnosis, diagnose } from "./doctor-support.ts";

const BUCKETS = {
  bronze: "acme-bronze",
  silver: "acme-silver",
  quarantine: "acme-quarantine",
  gold: "acme-gold",
};

const minio = await ownMinio();
if (!minio) test.skip("ingot doctor for roles: did not run, `minio` and `mc` are not on the PATH", () => {});

describe.runIf(minio)("ingot doctor, on a MinIO with a user for each role", { timeout: 60_000 }, () => {
  const server = minio?.server ?? {
    name: "",
    endpoint: "http://127.0.0.1:1",
    accessKeyId: "",
    secretAccessKey: "",
  };
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-doctor-"));
  const secrets = path.join(folder, "secrets");
  let bench: Bench;

  const mc = (...args: string[]): void => {
    const host = server.endpoint.replace("://", `://${server.accessKeyId}:${server.secretAccessKey}@`);
    const env = { PATH: process.env.PATH, MC_HOST_s: host, MC_CONFIG_DIR: path.join(folder, "mc") };
    const { status, stderr } = spawnSync("mc", ["--quiet", ...args], { env, encoding: "utf8" });
    expect({ args, status, stderr }).toMatchObject({ status: 0 });
  };

  /** Makes a user with a policy; its name is its access key. */
  const makeUser = (name: string, policy: Policy): void => {
    const file = path.join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(policy));
    mc("admin", "policy", "create", "s", `p-${name}`, file);
    mc("admin", "user", "add", "s", name, `secret-of-${name}`);
    mc("admin", "policy", "attach", "s", `p-${name}`, "--user", name);
  };

  const policy = (role: Role, url = "s3://"): Policy =>
    policyOf(role, { url: new URL(url), buckets: BUCKETS }, "minio");

  const doctor = (args: string, given: Record<string, string> = {}): Promise<Diagnosis> => {
    const env = {
      LAKE_URL: "s3://",
      BUCKET_PREFIX: "acme-",
      S3_ENDPOINT: server.endpoint,
      S3_ACCESS_KEY_ID: server.accessKeyId,
      S3_SECRET_ACCESS_KEY: server.secretAccessKey,
      EMAIL_HASH_KEY: "a secret of this test",
      NOTIFICATIONS: "off",
      ...given,
    };
    return diagnose(args, { cwd: folder, env });
  };

  const as = (name: string) => ({ S3_ACCESS_KEY_ID: name, S3_SECRET_ACCESS_KEY: `secret-of-${name}` });

  const permissions = ({ findings }: Diagnosis) =>
    findings
      .filter(({ check }) => check === "permissions")
      .map(({ subject, status }) => `${status} ${subject}`);

  beforeAll(async () => {
    if (!minio) return;
    bench = await makeBench(accessTo(server), Object.values(BUCKETS), BUCKETS.bronze);
    for (const role of ROLES) {
      makeUser(`user-${role}`, policy(role));
      mkdirSync(path.join(secrets, role), { recursive: true });
      writeFileSync(path.join(secrets, role, "access_key"), `user-${role}\n`);
      writeFileSync(path.join(secrets, role, "secret_key"), `secret-of-user-${role}\n`);
    }
  }, 60_000);

  afterAll(async () => {
    await minio?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("every role with the policy that is made for it may do what it needs to, and nothing else", async () => {
    const before = await bench.inventory();
    const diagnosis = await doctor(`--credentials ${secrets}`);
    expect(diagnosis).toMatchObject({ code: 0 });
    expect(permissions(diagnosis)).toEqual(["ok ", ...ROLES.map((role) => `ok ${role}`)]);
    for (const { subject, detail } of diagnosis.findings.filter(({ check }) => check === "permissions")) {
      if (subject !== "") expect(detail).toMatch(/and nothing else/);
    }
    expect(await bench.inventory()).toEqual(before);
  });

  for (const role of ["generator", "operator"] as const) {
    test(`${role}: with its own credentials and --role`, async () => {
      const diagnosis = await doctor(`--role ${role}`, as(`user-${role}`));
      expect(diagnosis).toMatchObject({ code: 0 });
      expect(permissions(diagnosis)).toEqual([`ok ${role}`]);
    });
  }

  test("in one bucket that is shared with others too", async () => {
    mc("mb", "s/shared");
    makeUser("shared-cleaner", policy("cleaner", "s3://shared/the/lake"));
    const diagnosis = await doctor("--role cleaner", {
      LAKE_URL: "s3://shared/the/lake",
      ...as("shared-cleaner"),
    });
    expect(permissions(diagnosis)).toEqual(["ok cleaner"]);
  });

  test("what a role lacks fails, and says which right in which layer", async () => {
    const lacking = policy("cleaner");
    lacking.Statement = lacking.Statement.filter(({ Sid }) => Sid !== "QuarantineObjects");
    makeUser("lacking", lacking);
    const before = await bench.inventory();
    const diagnosis = await doctor("--role cleaner", as("lacking"));
    expect(diagnosis.code).toBe(1);
    expect(permissions(diagnosis)).toEqual(["failed cleaner in quarantine"]);
    const { detail, remedy } = diagnosis.findings.find(({ status }) => status === "failed")!;
    expect(detail).toMatch(/may not add or delete in quarantine/);
    expect(remedy).toContain(
      "s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on acme-quarantine/*",
    );
    expect(await bench.inventory()).toEqual(before);
  });

  test("who may begin uploads but not break them off leaves none behind", async () => {
    const { Statement, ...rest } = policy("generator");
    const onlyPut = Statement.map((statement) => ({ ...statement, Action: ["s3:PutObject"] }));
    makeUser("no-abort", { ...rest, Statement: onlyPut });
    const before = await bench.inventory();
    const diagnosis = await doctor("--role generator", as("no-abort"));
    expect(diagnosis.code).toBe(1);
    expect(diagnosis.findings.find(({ status }) => status === "failed")?.detail).toContain(
      "s3:AbortMultipartUpload",
    );
    expect(await bench.inventory()).toEqual(before);
  });

  test("what a role has beyond its needs is a warning, personal data above all", async () => {
    const before = await bench.inventory();
    const diagnosis = await doctor("--role generator", as("user-operator"));
    expect(diagnosis.code).toBe(0);
    expect(permissions(diagnosis)).toEqual(
      Object.keys(BUCKETS).map((layer) => `warning generator in ${layer}`),
    );
    const bronze = diagnosis.findings.find(({ subject }) => subject === "generator in bronze");
    expect(bronze?.detail).toMatch(/list, read and delete in bronze.*personal data/);
    expect(bronze?.remedy).toContain("s3:GetObject and s3:DeleteObject on acme-bronze/*");
    expect(await bench.inventory()).toEqual(before);
  });

  test("one right too much, in one layer, to somebody who may not list", async () => {
    const peeking = policy("generator");
    peeking.Statement[0]!.Action.push("s3:GetObject");
    makeUser("peeking", peeking);
    const diagnosis = await doctor("--role generator", as("peeking"));
    expect(permissions(diagnosis)).toEqual(["warning generator in bronze"]);
    expect(diagnosis.findings.find(({ status }) => status === "warning")?.detail).toMatch(
      /may read in bronze/,
    );
  });

  test("credentials of a role that are missing, empty or wrong are told, each for its role", async () => {
    const partial = path.join(folder, "partial");
    mkdirSync(path.join(partial, "cleaner"), { recursive: true });
    mkdirSync(path.join(partial, "dashboard"), { recursive: true });
    writeFileSync(path.join(partial, "cleaner", "access_key"), "user-cleaner");
    writeFileSync(path.join(partial, "cleaner", "secret_key"), "wrong-secret");
    writeFileSync(path.join(partial, "dashboard", "access_key"), "");
    const diagnosis = await doctor(`--credentials ${partial}`);
    expect(diagnosis.code).toBe(1);
    const told = diagnosis.findings.filter(({ check }) => check === "credentials");
    expect(told.map(({ subject, status }) => `${status} ${subject}`)).toEqual([
      "ok ",
      "warning generator",
      "failed cleaner",
      "warning aggregator",
      "warning scheduler",
      "failed dashboard",
      "warning operator",
    ]);
    expect(diagnosis.stdout).not.toContain("wrong-secret");
  });

  test("layers that everybody can read without credentials", async () => {
    mc("anonymous", "set", "download", "s/acme-bronze");
    mc("anonymous", "set", "download", "s/acme-gold");
    const diagnosis = await doctor("");
    mc("anonymous", "set", "none", "s/acme-bronze");
    mc("anonymous", "set", "none", "s/acme-gold");
    expect(diagnosis.code).toBe(1);
    expect(permissions(diagnosis)).toEqual(["ok ", "failed bronze", "warning gold"]);
  });

  test("wrong usage", async () => {
    expect(await doctor("--role king")).toMatchObject({ code: 2, stdout: "" });
    expect(await doctor(`--credentials ${path.join(folder, "nowhere")}`)).toMatchObject({
      code: 2,
      stdout: "",
    });
    expect(await doctor("--role cleaner", { LAKE_URL: folder })).toMatchObject({ code: 2, stdout: "" });
  });
});
