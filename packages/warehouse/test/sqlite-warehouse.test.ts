import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { SqliteWarehouse } from "../src/index.ts";
import { order, orders, silver } from "./silver-rows.ts";
import { describeWarehouse } from "./warehouse-contract.ts";

const LAKE = "file:///lake";

function temporaryFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-warehouse-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, "deep", "ecommerce.sqlite");
}

function openFile(file: string, options: { lakeUrl?: string; warnings?: string[] } = {}): SqliteWarehouse {
  const { lakeUrl = LAKE, warnings = [] } = options;
  return SqliteWarehouse.open({ file, lakeUrl, onWarning: (message) => warnings.push(message) });
}

const countOrders = async (warehouse: SqliteWarehouse) =>
  (await warehouse.query("SELECT count(*) FROM orders")).rows[0]?.[0];

describeWarehouse("SQLite warehouse", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-warehouse-"));
  const warehouse = openFile(path.join(folder, "ecommerce.sqlite"));
  const { close } = warehouse;
  warehouse.close = async () => {
    await close.call(warehouse);
    rmSync(folder, { recursive: true, force: true });
  };
  return warehouse;
});

describe("SQLite file", () => {
  test("keeps everything when it is closed and opened again", async () => {
    const file = temporaryFile();
    const first = openFile(file);
    await first.ingest([silver(orders("a", order("O1")))]);
    await first.close();
    const second = openFile(file);
    expect(await countOrders(second)).toBe(1n);
    expect((await second.ingestedObjects()).has("clean/a")).toBe(true);
    await second.close();
  });

  test("of another lake is refused, naming the variable to change", async () => {
    const file = temporaryFile();
    await openFile(file).close();
    expect(() => openFile(file, { lakeUrl: "s3://other" })).toThrow(/file:\/\/\/lake.*WAREHOUSE_URL/s);
    await openFile(file).close();
  });

  test("of a newer version is refused and left as it is", async () => {
    const file = temporaryFile();
    await openFile(file).close();
    setVersion(file, 999);
    expect(() => openFile(file)).toThrow(/newer version/);
    expect(readdirSync(path.dirname(file))).toEqual(["ecommerce.sqlite"]);
  });

  test("of an older version is set aside with a warning, and the new one is empty", async () => {
    const file = temporaryFile();
    const old = openFile(file);
    await old.ingest([silver(orders("a", order("O1")))]);
    await old.close();
    setVersion(file, 0);
    const warnings: string[] = [];
    const warehouse = openFile(file, { warnings });
    expect(await countOrders(warehouse)).toBe(0n);
    expect(warnings).toEqual([expect.stringContaining("older version")]);
    await warehouse.close();
  });

  test.each([
    [
      "is no database",
      () => "this is a text, and it is long enough to be looked at as a page of a database".repeat(20),
    ],
    [
      "was damaged in its first pages",
      (file: string) => {
        const bytes = readFileSync(file);
        return bytes.fill(0xa5, 20, 8192);
      },
    ],
  ])("that %s is set aside under another name", async (_, damage) => {
    const file = temporaryFile();
    await openFile(file).close();
    const damaged = damage(file);
    writeFileSync(file, damaged);
    const warnings: string[] = [];
    const warehouse = openFile(file, { warnings });
    expect(await countOrders(warehouse)).toBe(0n);
    expect(warnings).toHaveLength(1);
    await warehouse.close();
    const aside = readdirSync(path.dirname(file)).filter((name) => name.includes(".unusable-"));
    expect(aside).toHaveLength(1);
    expect(readFileSync(path.join(path.dirname(file), aside[0]!))).toEqual(Buffer.from(damaged));
  });

  test("with somebody else's tables is refused and left alone", async () => {
    const file = temporaryFile();
    await openFile(file).close();
    rmSync(file);
    const foreign = new DatabaseSync(file);
    foreign.exec("CREATE TABLE accounts (id INTEGER)");
    foreign.close();
    expect(() => openFile(file)).toThrow(/WAREHOUSE_URL/);
    expect(existsSync(file)).toBe(true);
  });

  test("that another process writes to answers warehouse_busy, and works afterwards", async () => {
    const file = temporaryFile();
    const warehouse = openFile(file);
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const object = silver(orders("a", order("O1")));
    await expect(warehouse.ingest([object])).rejects.toMatchObject({
      code: "warehouse_busy",
      transient: true,
    });
    expect(await countOrders(warehouse)).toBe(0n);
    other.exec("ROLLBACK");
    other.close();
    await warehouse.ingest([object]);
    expect(await countOrders(warehouse)).toBe(1n);
    await warehouse.close();
  });

  test("shared by two: what one took in the other skips, sees and counts once", async () => {
    const file = temporaryFile();
    const [one, two] = [openFile(file), openFile(file)];
    const object = orders("a", order("O1"));
    const reports = await Promise.all([one.ingest([silver(object)]), two.ingest([silver(object)])]);
    expect(reports.map(({ ingested }) => ingested.length).sort()).toEqual([0, 1]);
    expect((await two.ingestedObjects()).has("clean/a")).toBe(true);
    await one.rebuild([silver(orders("b", order("O2")))]);
    expect([...(await two.ingestedObjects()).keys()]).toEqual(["clean/b"]);
    expect((await two.query("SELECT orders FROM sales_by_channel")).rows).toEqual([[1n]]);
    await Promise.all([one.close(), two.close()]);
  });

  test("is created once by processes that open it at the same instant", async () => {
    const file = temporaryFile();
    const script = fileURLToPath(new URL("./open-and-ingest.ts", import.meta.url));
    const children = ["a", "b", "c", "d"].map((key) =>
      spawn(process.execPath, [script, file, key], { stdio: "inherit" }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual([0, 0, 0, 0]);
    const warehouse = openFile(file);
    expect(await countOrders(warehouse)).toBe(4n);
    await warehouse.close();
  });
});

function setVersion(file: string, version: number): void {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}
