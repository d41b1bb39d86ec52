import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, test } from "vitest";
import { naiveGold } from "./naive-gold.ts";
import { comparable, queriedKpis, query } from "./query-support.ts";
import { finished, type Lake, lakeTemplate, pause, until } from "./support.ts";

const HOURS = 8;
const TICKS = `--ticks ${HOURS} --start 2026-01-01T20:00:00Z --seed 12 --rows 60 --faults 0.03`;
/** Three files each hour; two days. */
const OBJECTS = 3 * HOURS;
/** Times that services are killed; more for a long run. */
const ROUNDS = Number(process.env.INGOT_TEST_KILL_ROUNDS ?? 3);
const PRUNE = "compact --compacted-csv prune";
const DAY_MS = 24 * 60 * 60_000;

async function run(lake: Lake, args: string, env?: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await lake.ingot(args, env);
  expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
  return stdout;
}

/** A shop whose days are over, in gold and as Parquet files that are two hours old. */
async function compactedShop(): Promise<Lake> {
  const lake = withoutGold();
  await run(lake, "aggregate --once");
  return lake;
}

const withoutGold = lakeTemplate(async (lake) => {
  await run(lake, `generate ${TICKS}`);
  for (const file of lake.files("bronze")) age(path.join(lake.bronze, file), 40 * DAY_MS);
  for (const args of ["clean --once", "compact"]) await run(lake, args);
  ageParquet(lake);
}, 30_000);

function ageParquet(lake: Lake): void {
  for (const file of lake.files("silver")) {
    if (file.endsWith(".parquet")) age(path.join(lake.folder, "silver", file), DAY_MS / 12);
  }
}

function age(file: string, ms: number): void {
  const at = new Date(Date.now() - ms);
  utimesSync(file, at, at);
}

const csvFiles = (lake: Lake): string[] => lake.files("silver").filter((file) => file.endsWith(".csv"));
const kpisOf = (lake: Lake) => queriedKpis((sql) => query(lake, sql, "--format", "csv"));
const status = async (lake: Lake) => JSON.parse(await run(lake, "status --json"));

describe("a lake whose silver is pruned", () => {
  it("answers, cleans and recovers as before", { timeout: 120_000 }, async () => {
    const lake = await compactedShop();
    const expected = naiveGold(lake.bronze);
    const before = await status(lake);
    expect(csvFiles(lake)).toHaveLength(OBJECTS);
    expect(await run(lake, PRUNE)).toMatch(
      /0 days compacted, 6 were up to date\.\n24 CSV objects pruned\.\n$/,
    );
    expect(csvFiles(lake)).toEqual([]);

    expect(await kpisOf(lake)).toEqual(comparable(expected));
    const after = await status(lake);
    expect(after).toEqual({ ...before, layers: { ...before.layers, silver: after.layers.silver } });
    expect(await run(lake, "doctor")).toContain("all cleaned");
    for (const args of ["clean --once", "aggregate --once", "compact", PRUNE, "rebuild"]) {
      await run(lake, args);
      expect([args, csvFiles(lake), lake.gold()]).toEqual([args, [], expected]);
    }
    // Another machine, without the warehouse.
    rmSync(path.join(lake.folder, "warehouse"), { recursive: true });
    expect((await status(lake)).backlog.silver).toBe(OBJECTS);
    await run(lake, "aggregate --once");
    expect(lake.gold()).toEqual(expected);
    expect(await status(lake)).toEqual(after);
    // Cleaned anew, all of it is there as CSV again.
    await run(lake, "rebuild --from bronze");
    expect([csvFiles(lake).length, lake.gold()]).toEqual([OBJECTS, expected]);
  });

  it("lets bronze expire, and cleans anew what is replaced", { timeout: 60_000 }, async () => {
    const lake = await compactedShop();
    await run(lake, PRUNE);
    const names = lake.files("bronze").filter((file) => file.startsWith("orders/"));
    const replaced = path.join(lake.bronze, names[0]!);
    const orders = JSON.parse(readFileSync(replaced, "utf8")).slice(1);
    writeFileSync(replaced, JSON.stringify(orders));
    age(replaced, 39 * DAY_MS);
    const expected = naiveGold(lake.bronze);
    await run(lake, "clean --once");
    expect(csvFiles(lake)).toHaveLength(1);
    await run(lake, "aggregate --once");
    expect(lake.gold()).toEqual(expected);
    expect(await kpisOf(lake)).toEqual(comparable(expected));

    await run(lake, "clean --once", { BRONZE_RETENTION_DAYS: "30" });
    expect(lake.files("bronze")).toEqual([]);
    for (const args of ["aggregate --once", "rebuild", "clean --once"]) await run(lake, args);
    expect([csvFiles(lake).length, lake.gold()]).toEqual([1, expected]);
  });
});

test("pruning that is killed at any instant, beside services that go on, loses nothing", {
  timeout: 180_000,
}, async () => {
  const lake = await compactedShop();
  const expected = naiveGold(lake.bronze);
  let kills = 0;
  let partly = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (csvFiles(lake).length === 0) {
      for (const folder of readdirSync(path.join(lake.folder, "silver/parquet")))
        rmSync(path.join(lake.folder, "silver/parquet", folder), { recursive: true });
      await run(lake, "clean --once");
      await run(lake, "compact");
      ageParquet(lake);
    }
    const children = [lake.start(PRUNE), lake.start(PRUNE), lake.start("compact")];
    const ends = children.map(finished);
    const before = csvFiles(lake).length;
    const isUnderWay = (): boolean =>
      csvFiles(lake).length < before || children.every(({ exitCode }) => exitCode !== null);
    await until("pruning has begun", isUnderWay, 30_000);
    await pause(Math.random() * 20);
    for (const child of children) kills += child.exitCode === null && child.kill("SIGKILL") ? 1 : 0;
    await Promise.all(ends);
    const left = csvFiles(lake).length;
    partly += left > 0 && left < OBJECTS ? 1 : 0;
    expect(await kpisOf(lake)).toEqual(comparable(expected));
    ageParquet(lake);
  }
  expect(kills).toBeGreaterThan(ROUNDS);
  expect(partly).toBeGreaterThan(0);
  await run(lake, PRUNE);
  expect(csvFiles(lake)).toEqual([]);
  rmSync(path.join(lake.folder, "warehouse"), { recursive: true });
  await run(lake, "aggregate --once");
  expect(lake.gold()).toEqual(expected);
  console.info(`${kills} kills, ${partly} times in the middle of pruning`);
});
