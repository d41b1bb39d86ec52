import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { type Diagnosis, diagnose } from "./doctor-support.ts";
import { type Lake, temporaryLake } from "./support.ts";

/** Every file of a lake, with size and time. Not the folders: their times show that something came and went. */
function inventory({ folder }: Lake): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => {
      const info = statSync(path.join(folder, name));
      return info.isDirectory() ? name : `${name} ${info.size} ${info.mtimeMs}`;
    })
    .sort();
}

function doctor(lake: Lake, given: Record<string, string> = {}): Promise<Diagnosis> {
  return diagnose("", {
    cwd: lake.folder,
    env: { LAKE_URL: lake.folder, EMAIL_HASH_KEY: "a secret", ...given },
  });
}

/** The superuser may write anywhere. */
const isRoot = process.getuid?.() === 0;

describe("ingot doctor, on a folder", () => {
  test("a lake that is at work is in order, and stays as it is", async () => {
    const lake = temporaryLake();
    await lake.ingot("generate --ticks 2 --rows 20");
    await lake.ingot("clean --once");
    await lake.ingot("aggregate --once");
    const before = inventory(lake);
    const diagnosis = await doctor(lake);
    expect(diagnosis).toMatchObject({ code: 0, stderr: "" });
    expect(diagnosis.findings.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(diagnosis.checks("ok")).toEqual([
      "settings",
      "folder",
      "disk",
      "conditional_create",
      "clock",
      "notifications",
      "warehouse",
      "lake",
      "alarms",
    ]);
    expect(inventory(lake)).toEqual(before);
  });

  test("a lake that is not there yet is not made", async () => {
    const lake = temporaryLake();
    const { code, findings } = await doctor(lake, { LAKE_URL: path.join(lake.folder, "new/lake") });
    expect(code).toBe(0);
    expect(findings.find(({ check }) => check === "folder")?.detail).toMatch(/will be made/);
    expect(readdirSync(lake.folder)).toEqual([]);
  });

  test("a file where the folder should be", async () => {
    const lake = temporaryLake();
    writeFileSync(path.join(lake.folder, "lake"), "x");
    const diagnosis = await doctor(lake, { LAKE_URL: path.join(lake.folder, "lake") });
    expect(diagnosis.code).toBe(1);
    expect(diagnosis.checks("failed")).toEqual(["folder"]);
    expect(diagnosis.checks("skipped")).toEqual(expect.arrayContaining(["disk", "warehouse", "lake"]));
  });

  test.skipIf(isRoot)("a folder, or one in it, that this user may not write", async () => {
    const lake = temporaryLake();
    mkdirSync(path.join(lake.bronze, "orders"), { recursive: true });
    for (const closed of [path.join(lake.bronze, "orders"), lake.folder]) {
      chmodSync(closed, 0o500);
      const diagnosis = await doctor(lake);
      chmodSync(closed, 0o700);
      expect(diagnosis.code).toBe(1);
      expect(diagnosis.findings.find(({ status }) => status === "failed")?.remedy).toMatch(/chown/);
    }
  });

  test("a warehouse that another process keeps locked, is damaged, or is none of Ingot's", async () => {
    const lake = temporaryLake();
    await lake.ingot("aggregate --once");
    const file = path.join(lake.folder, "warehouse/ecommerce.sqlite");
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const locked = await doctor(lake);
    other.exec("ROLLBACK");
    other.close();
    expect(locked.code).toBe(1);
    expect(locked.findings.find(({ status }) => status === "failed")).toMatchObject({
      check: "warehouse",
      detail: expect.stringMatching(/another process keeps .* locked/i),
      remedy: expect.stringContaining("fuser"),
    });

    const foreign = path.join(lake.folder, "foreign.sqlite");
    const database = new DatabaseSync(foreign);
    database.exec("CREATE TABLE t (a)");
    database.close();
    const wrong = await doctor(lake, { WAREHOUSE_URL: foreign });
    expect(wrong.checks("failed")).toEqual(["warehouse"]);

    writeFileSync(file, "no database at all, and longer than a header".repeat(100));
    const before = inventory(lake);
    const damaged = await doctor(lake);
    expect(damaged.code).toBe(0);
    expect(damaged.checks("warning")).toEqual(["warehouse"]);
    expect(inventory(lake)).toEqual(before);
  });

  test("files of one's own without a key for hashing e-mail addresses are a warning; the simulated shop's are not", async () => {
    const lake = temporaryLake();
    await lake.ingot("generate --ticks 1 --rows 20");
    const warned = async () =>
      (await doctor(lake, { EMAIL_HASH_KEY: "" })).findings.some(
        ({ subject }) => subject === "EMAIL_HASH_KEY",
      );
    expect(await warned()).toBe(false);
    writeFileSync(path.join(lake.bronze, "customers of ours.csv"), "customer_id\n1\n");
    expect(await warned()).toBe(true);
  });

  test("options that contradict each other", async () => {
    const lake = temporaryLake();
    const mixed = await doctor(lake, { S3_ENDPOINT: "http://127.0.0.1:9000" });
    expect(mixed).toMatchObject({ code: 0 });
    expect(mixed.findings.find(({ status }) => status === "warning")?.subject).toBe("LAKE_URL");
    const twice = await doctor(lake, { GOLD_BUCKET: "silver" });
    expect(twice.code).toBe(1);
    expect(twice.findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
      "settings failed",
      "lake skipped",
      "alarms ok",
    ]);
  });
});
