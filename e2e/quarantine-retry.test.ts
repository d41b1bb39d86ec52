import type { ChildProcess } from "node:child_process";
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished, test } from "vitest";
import { describeOnOneS3, makeBucket } from "../packages/common/test/storage/s3-server.ts";
import { naiveGold } from "./naive-gold.ts";
import {
  asByEarlierRule,
  drop,
  emptyShop,
  type Listing,
  OLD_REASON,
  OLD_REJECTS,
  order,
  shop,
  shopTemplate,
  TICKS,
  textsOf,
} from "./quarantine-support.ts";
import { finished } from "./support.ts";

const NEXT = "Services take it into gold by themselves; where none runs: `ingot aggregate --once`\n";
/** Times that a retry is killed; more for a long run. */
const ROUNDS = Number(process.env.INGOT_TEST_KILL_ROUNDS ?? 3);
const KILLED_FILES = 36;
const DAY_MS = 24 * 60 * 60_000;

describe("ingot quarantine retry", () => {
  const copy = shopTemplate();

  it("takes mended files in, and gold follows", async () => {
    const { lake, run, list } = copy();
    await run("aggregate", "--once");
    const { objects } = await list("--reason", "invalid_order_ts");
    const mend = async ({ bronze_key }: Listing["objects"][number]): Promise<void> => {
      const file = path.join(lake.bronze, bronze_key);
      const orders = JSON.parse(readFileSync(file, "utf8"));
      const shown = await run("quarantine", "show", bronze_key, "--json", "--reason", "invalid_order_ts");
      for (const line of shown.trimEnd().split("\n")) {
        orders[JSON.parse(line).index].order_ts = "2026-01-01T05:00:00Z";
      }
      writeFileSync(file, JSON.stringify(orders));
    };
    await Promise.all(objects.map(mend));
    const stale = lake.gold();
    const printed = await run("quarantine", "retry", "--dataset", "orders", "--reason", "invalid_order_ts");
    expect(printed.endsWith(NEXT)).toBe(true);
    expect(printed).toMatch(
      new RegExp(`\n${objects.length} bronze objects cleaned anew: [1-9]\\d* records kept now, `),
    );
    expect((await list("--reason", "invalid_order_ts")).objects).toEqual([]);
    await run("aggregate", "--once");
    const expected = naiveGold(lake.bronze);
    expect(stale).not.toEqual(expected);
    expect(lake.gold()).toEqual(expected);
  });

  it("follows a rule that was mended, for the objects that were named", async () => {
    const { lake, env, run, list } = copy();
    const silver = await textsOf(env, "silver");
    const quarantine = await textsOf(env, "quarantine");
    expect(await asByEarlierRule(env)).toBe(TICKS);
    const old = await textsOf(env, "quarantine");
    await run("aggregate", "--once");
    expect(lake.gold()).not.toEqual(naiveGold(lake.bronze));
    const { objects } = await list("--reason", OLD_REASON);
    const [first, ...others] = objects.map(({ bronze_key }) => bronze_key);
    // Named twice, it is cleaned once.
    const one = await run("quarantine", "retry", first!, `${first}.rejected.jsonl`);
    const left = objects[0]!.rejected - OLD_REJECTS;
    expect(one).toContain(`${first}: ${OLD_REJECTS} records kept now, ${left} still rejected`);
    expect((await list("--reason", OLD_REASON)).objects.map(({ bronze_key }) => bronze_key)).toEqual(others);
    // What moves is in silver before it leaves quarantine.
    const changed = (layer: string, key: string) =>
      statSync(path.join(lake.folder, layer, key), { bigint: true }).mtimeNs;
    const target = first!.replace("/orders_", "/orders_clean_").replace(".json", ".csv");
    expect(changed("quarantine", `${first}.rejected.jsonl`)).toBeGreaterThan(changed("silver", target));
    const all = await run("quarantine", "retry", "--reason", OLD_REASON);
    expect(all).toContain(
      `${TICKS - 1} bronze objects cleaned anew: ${OLD_REJECTS * (TICKS - 1)} records kept now`,
    );
    expect(await textsOf(env, "silver")).toEqual(silver);
    expect(await textsOf(env, "quarantine")).toEqual(quarantine);
    // As a process leaves it that is killed when silver is written and quarantine is not.
    for (const [key, text] of Object.entries(old))
      writeFileSync(path.join(lake.folder, "quarantine", key), text);
    await run("quarantine", "retry", "--all");
    expect(await textsOf(env, "silver")).toEqual(silver);
    expect(await textsOf(env, "quarantine")).toEqual(quarantine);
    await run("aggregate", "--once");
    expect(lake.gold()).toEqual(naiveGold(lake.bronze));
  });

  it("names what cannot be cleaned anew, and does the rest", async () => {
    const made = emptyShop();
    const { lake, ask, run } = made;
    for (const id of ["gone", "here"]) drop(made, `orders_${id}.json`, JSON.stringify([order(id, "never")]));
    await run("clean", "--once");
    rmSync(path.join(lake.bronze, "orders_gone.json"));
    drop(made, "orders_here.json", JSON.stringify([order("here")]));
    const { code, stdout, stderr } = await ask("quarantine", "retry", "--all");
    expect(code).toBe(1);
    expect(stdout).toContain("orders_here.json: 1 record kept now, 0 still rejected\n");
    expect(stdout).toContain("orders_gone.json: not cleaned: its bronze object is gone\n");
    expect(stderr).toContain("`ingot quarantine show --json <key> > rejected.jsonl`");
    expect(lake.files("quarantine")).toEqual(["orders_gone.json.rejected.jsonl"]);
  });

  it("brings back what is in Parquet files only", { timeout: 60_000 }, async () => {
    const { lake, env, run, list } = copy();
    for (const file of lake.files("bronze")) {
      const at = new Date(Date.now() - 40 * DAY_MS);
      utimesSync(path.join(lake.bronze, file), at, at);
    }
    const silver = await textsOf(env, "silver");
    await asByEarlierRule(env);
    const before = await list();
    await run("aggregate", "--once");
    await run("compact");
    for (const file of lake.files("silver").filter((name) => name.endsWith(".parquet"))) {
      const at = new Date(Date.now() - DAY_MS / 12);
      utimesSync(path.join(lake.folder, "silver", file), at, at);
    }
    await run("compact", "--compacted-csv", "prune");
    expect(await textsOf(env, "silver")).toEqual({});
    expect(await list()).toEqual(before);
    await run("quarantine", "retry", "--dataset", "orders");
    const orders = Object.entries(silver).filter(([key]) => key.startsWith("orders/"));
    expect(await textsOf(env, "silver")).toEqual(Object.fromEntries(orders));
    await run("aggregate", "--once");
    expect(lake.gold()).toEqual(naiveGold(lake.bronze));
    rmSync(path.join(lake.folder, "warehouse"), { recursive: true });
    await run("aggregate", "--once");
    expect(lake.gold()).toEqual(naiveGold(lake.bronze));
  });
});

/** Resolves when a process has written so many lines. */
function linesFrom(child: ChildProcess, lines: number): Promise<void> {
  let seen = 0;
  return new Promise((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      seen += chunk.toString("utf8").split("\n").length - 1;
      if (seen >= lines) resolve();
    });
  });
}

test("a retry that is killed at any instant leaves no record in neither place, and goes on", {
  timeout: 60_000,
}, async () => {
  const made = emptyShop();
  const { lake, env, run } = made;
  for (let file = 0; file < KILLED_FILES; file += 1) {
    const orders = Array.from({ length: 50 }, (_, at) =>
      order(`o${file}-${at}`, at === 9 ? "never" : undefined),
    );
    drop(made, `orders/dt=2026-01-01/orders_${file}.json`, JSON.stringify(orders));
  }
  await run("clean", "--once");
  const layers = async () => ({
    silver: await textsOf(env, "silver"),
    quarantine: await textsOf(env, "quarantine"),
  });
  const expected = await layers();
  let kills = 0;
  let partly = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    // What the round before has left undone.
    if (round > 0) await run("quarantine", "retry", "--reason", OLD_REASON);
    const objects = await asByEarlierRule(env);
    const old = await layers();
    const child = lake.start(`quarantine retry --reason ${OLD_REASON} --concurrency 1`);
    const end = finished(child);
    await Promise.race([linesFrom(child, 1 + Math.floor((Math.random() * KILLED_FILES) / 4)), end]);
    kills += child.exitCode === null && child.kill("SIGKILL") ? 1 : 0;
    await end;
    const now = await layers();
    let done = 0;
    for (const key of Object.keys(old.quarantine).filter((name) =>
      old.quarantine[name]!.includes(OLD_REASON),
    )) {
      const target = key.replace("/orders_", "/orders_clean_").replace(".json.rejected.jsonl", ".csv");
      const [silverNow, quarantineNow] = [now.silver[target], now.quarantine[key]];
      expect([old.silver[target], expected.silver[target]]).toContain(silverNow);
      expect([old.quarantine[key], expected.quarantine[key]]).toContain(quarantineNow);
      if (quarantineNow !== old.quarantine[key]) {
        expect(silverNow).toBe(expected.silver[target]);
        done += 1;
      }
    }
    partly += done > 0 && done < objects ? 1 : 0;
  }
  expect(kills).toBeGreaterThan(0);
  expect(partly).toBeGreaterThan(0);
  await run("quarantine", "retry", "--all");
  expect(await layers()).toEqual(expected);
  await run("aggregate", "--once");
  expect(lake.gold()).toEqual(naiveGold(lake.bronze));
  console.info(`${kills} kills, ${partly} times in the middle of a retry`);
});

describeOnOneS3("quarantine on a store", (access) => {
  it("is listed, shown and cleaned anew as on a folder", { timeout: 60_000 }, async () => {
    const { bucket, remove } = await makeBucket(access);
    onTestFinished(remove);
    const local = emptyShop();
    const { env, run, list } = await shop({
      LAKE_URL: `s3://${bucket}/a shop`,
      WAREHOUSE_URL: path.join(local.lake.folder, "warehouse"),
      S3_ENDPOINT: access.endpoint,
      S3_ACCESS_KEY_ID: access.accessKeyId!,
      S3_SECRET_ACCESS_KEY: access.secretAccessKey!,
    });
    const expected = [await textsOf(env, "silver"), await textsOf(env, "quarantine")];
    expect(await asByEarlierRule(env)).toBe(TICKS);
    const { objects, totals } = await list();
    expect(totals).toContainEqual({
      pipeline: "ecommerce",
      dataset: "orders",
      reason: OLD_REASON,
      records: OLD_REJECTS * TICKS,
      objects: TICKS,
    });
    const stored = await textsOf(env, "quarantine");
    expect(objects.map(({ quarantine_key }) => quarantine_key).sort()).toEqual(Object.keys(stored).sort());
    const [{ bronze_key, quarantine_key }] = objects as [Listing["objects"][number]];
    expect(await run("quarantine", "show", bronze_key, "--json")).toBe(stored[quarantine_key]);
    await run("quarantine", "retry", "--all");
    expect([await textsOf(env, "silver"), await textsOf(env, "quarantine")]).toEqual(expected);
    await run("aggregate", "--once");
    const gold = await textsOf(env, "gold");
    for (const [key, text] of Object.entries(await textsOf(env, "bronze"))) drop(local, key, text);
    for (const [kpi, text] of Object.entries(naiveGold(local.lake.bronze))) {
      expect(gold[`latest/${kpi}.csv`]).toBe(text);
    }
  });
});
