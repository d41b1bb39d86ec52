import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLogger, lakeLocation, openLake, readSettings, systemClock } from "@ingot/common";
import { createCompactor, PRUNED_AFTER_MS } from "@ingot/pipelines/tables";
import { describe, expect, it, onTestFinished, test } from "vitest";
import { describeOnOneS3, makeBucket } from "../packages/common/test/storage/s3-server.ts";
import { naiveGold } from "./naive-gold.ts";
import { comparable, ingotWith, KPI_QUERIES, queriedKpis, query } from "./query-support.ts";
import { finished, type Lake, lakeTemplate, pause, temporaryLake, until } from "./support.ts";

/** Hours, of two days; three files each. */
const TICKS = 8;
const shopFrom = (day: string): string =>
  `--ticks ${TICKS} --start ${day}T20:00:00Z --seed 11 --rows 100 --faults 0.03`;

async function fillShop(lake: Lake, days: readonly string[]): Promise<void> {
  for (const command of [...days.map((day) => `generate ${shopFrom(day)}`), "clean --once"]) {
    expect(await lake.ingot(command), command).toMatchObject({ code: 0 });
  }
}
const shop = lakeTemplate((lake) => fillShop(lake, ["2026-01-01", "2026-01-03"]), 30_000);

/** Times that compactors are killed; more for a long run. */
const ROUNDS = Number(process.env.INGOT_TEST_KILL_ROUNDS ?? 4);

const kpisOf = (lake: Lake) => queriedKpis((sql) => query(lake, sql, "--format", "csv"));

describe("a compactor that is killed at any instant, two at once", () => {
  it("leaves whole files, results that never change, and work that comes to its end", {
    timeout: 120_000,
  }, async () => {
    const lake = shop();
    const expected = comparable(naiveGold(lake.bronze));
    const before = lake.files("silver");
    let kills = 0;
    let partly = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      // So that there is something to do, what the rounds before have done is gone now and then.
      if (round % 3 === 0) rmSync(path.join(lake.folder, "silver/parquet"), { recursive: true, force: true });
      const children = [lake.start("compact"), lake.start("compact")];
      const ends = children.map(finished);
      const start = lake.files("silver").length;
      const isUnderWay = (): boolean =>
        lake.files("silver").length > start || children.every(({ exitCode }) => exitCode !== null);
      await until("compaction has begun", isUnderWay, 30_000);
      await pause(Math.random() * 200);
      for (const child of children) kills += child.exitCode === null && child.kill("SIGKILL") ? 1 : 0;
      await Promise.all(ends);
      const files = lake.files("silver").length - before.length;
      partly += files > 0 && files < 24 ? 1 : 0;
      if (round === 1) expect(await kpisOf(lake)).toEqual(expected);
    }
    expect(kills).toBeGreaterThan(ROUNDS / 2);
    expect(partly).toBeGreaterThan(0);
    expect(await lake.ingot("compact")).toMatchObject({ code: 0 });
    expect((await lake.ingot("compact")).stdout).toBe("0 days compacted, 12 were up to date.\n");
    expect(await kpisOf(lake)).toEqual(expected);
    expect(lake.files("silver").filter((file) => !file.startsWith("parquet/"))).toEqual(before);
    console.info(`${kills} kills, ${lake.files("silver").length - before.length} Parquet files`);
  });
});

test("compaction is started, stopped by a signal, and started again", { timeout: 60_000 }, async () => {
  const lake = shop();
  const child = lake.start("compact");
  const end = finished(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.kill("SIGTERM");
  expect(await end).toMatchObject({ code: 1, stderr: expect.stringContaining("Run it again") });
  expect(await lake.ingot("compact")).toMatchObject({ code: 0 });
  expect(await kpisOf(lake)).toEqual(comparable(naiveGold(lake.bronze)));
});

describeOnOneS3("query and compaction on a store", (access) => {
  it("give the same as on a folder, and fetch each object once", { timeout: 120_000 }, async () => {
    const { bucket, remove } = await makeBucket(access);
    const home = mkdtempSync(path.join(tmpdir(), "ingot-home-"));
    onTestFinished(async () => {
      rmSync(home, { recursive: true, force: true });
      await remove();
    });
    const day = "2026-01-01";
    const local = temporaryLake();
    await fillShop(local, [day]);
    const env = {
      LAKE_URL: `s3://${bucket}/shop`,
      S3_ENDPOINT: access.endpoint,
      S3_ACCESS_KEY_ID: access.accessKeyId!,
      S3_SECRET_ACCESS_KEY: access.secretAccessKey!,
      HOME: home,
    };
    const run = (...args: string[]) => ingotWith(args, { cwd: local.folder, env });
    await run("generate", ...shopFrom(day).split(" "));
    expect(await run("clean", "--once")).toMatchObject({ code: 0 });
    const cached = (): string[] => {
      const names = readdirSync(path.join(home, ".cache/ingot/objects"));
      return names.map((name) => path.extname(name)).sort();
    };
    const ask = (sql: string) => run("query", sql, "--format", "csv");
    const expected = comparable(naiveGold(local.bronze));

    expect((await ask("SELECT count(*) > 0 AS a FROM customers")).stdout).toBe("a\ntrue\n");
    // Of what the query does not mention nothing is fetched.
    expect(cached()).toHaveLength(TICKS);
    expect((await ask(KPI_QUERIES.revenue_by_country!)).stdout).toBe(expected.revenue_by_country);
    expect(cached()).toHaveLength(2 * TICKS);
    expect(await run("compact")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("6 days compacted"),
    });
    expect((await run("compact")).stdout).toBe("0 days compacted, 6 were up to date.\n");
    expect(await queriedKpis(ask)).toEqual(expected);
    expect(cached().filter((ending) => ending === ".parquet")).toHaveLength(4);
    const { stdout } = await ask("SELECT count(*) AS orders FROM silver.orders");
    expect(stdout).toBe(
      (await query(local, "SELECT count(*) AS orders FROM silver.orders", "--format", "csv")).stdout,
    );

    const { silver, close } = await openLake(lakeLocation(readSettings({ flags: {}, env })));
    const now = () => new Date(Date.now() + 2 * PRUNED_AFTER_MS);
    const log = createLogger({ logLevel: "silent", logFormat: "json" }, "test");
    const options = {
      silver,
      quietMs: 0,
      csv: "prune",
      clock: { ...systemClock, now },
      logger: log,
    } as const;
    const { pruned, failures } = await createCompactor(options).pass(new AbortController().signal);
    expect(pruned.map(({ objects }) => objects).reduce((a, b) => a + b)).toBe(3 * TICKS);
    expect(failures).toEqual([]);
    await close();
    expect((await ask(KPI_QUERIES.sales_by_day!)).stdout).toBe(expected.sales_by_day);
    expect(JSON.parse((await run("status", "--json")).stdout).backlog).toMatchObject({ bronze: 0 });
    await run("clean", "--once");
    expect(await run("aggregate", "--once")).toMatchObject({ code: 0 });
    const { stdout: gold } = await ask("FROM gold.sales_by_day");
    expect(gold).toBe(expected.sales_by_day);
  });
});
