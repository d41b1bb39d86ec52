import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CUSTOMER_EMAILS,
  EMAIL,
  everyFile,
  IDS,
  naiveGoldOf,
  OTHERS,
  putRaw,
  stateOf,
  tracesIn,
  withReader,
} from "./forget-support.ts";
import { finished, type Lake, pause, startIngot, temporaryLake, until } from "./support.ts";

const KEY = { EMAIL_HASH_KEY: "k1" };
/** Times that it is killed; more for a long run. */
const ROUNDS = Number(process.env.INGOT_TEST_KILL_ROUNDS ?? 2);
const HOUR_MS = 60 * 60_000;

async function run(lake: Lake, args: string, env: Record<string, string> = KEY): Promise<string> {
  const { code, stdout, stderr } = await lake.ingot(args, env);
  expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
  return stdout;
}

function age(file: string): void {
  const at = new Date(Date.now() - 24 * HOUR_MS);
  utimesSync(file, at, at);
}

const tracesOf = (lake: Lake): Promise<Record<string, string[]>> =>
  tracesIn(everyFile(lake.folder).map((file) => [path.relative(lake.folder, file), readFileSync(file)]));

describe("forgetting in a folder lake", { timeout: 90_000 + ROUNDS * 10_000 }, () => {
  const template = mkdtempSync(path.join(tmpdir(), "ingot-forget-"));
  /** A lake of finished days, in gold and as Parquet. */
  const shop = (): Lake => {
    const lake = temporaryLake();
    // Times to the nanosecond, which tell one version of an object from another.
    spawnSync("cp", ["-a", `${template}/.`, lake.folder]);
    return lake;
  };

  beforeAll(async () => {
    putRaw(path.join(template, "bronze"));
    for (const file of everyFile(template)) age(file);
    for (const args of ["clean --once", "aggregate --once", "compact"]) {
      const started = startIngot(args, { cwd: template, env: { LAKE_URL: template, ...KEY } });
      expect(await finished(started)).toMatchObject({ code: 0 });
    }
  }, 60_000);
  afterAll(() => rmSync(template, { recursive: true }));

  test("a person is gone from all layers, and everything else is as it was", async () => {
    const lake = shop();
    const gold = lake.gold();
    expect(gold).toEqual(naiveGoldOf(lake.bronze));
    const before = await stateOf(lake.folder);
    expect(Object.keys(await tracesOf(lake)).length).toBeGreaterThan(15);

    const told = await run(lake, `forget ${EMAIL} --dry-run`);
    expect(told).toMatch(/bronze {6}customers +3 objects, 7 records/);
    expect(told).toMatch(/bronze {6}orders +3 objects, 7 records/);
    const refused = await lake.ingot(`forget ${EMAIL}`, { EMAIL_HASH_KEY: "another" });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("Nothing was changed") });
    expect(await stateOf(lake.folder)).toEqual(before);

    const done = await run(lake, `forget ${EMAIL}`);
    expect(done).toContain("The warehouse was filled anew. Gold is as it was.");
    expect(await tracesOf(lake)).toEqual({});
    expect(lake.gold()).toEqual(gold);
    expect(naiveGoldOf(lake.bronze)).toEqual(gold);
    const after = await stateOf(lake.folder);
    expect(Object.keys(after).filter((name) => !(name in before))).toEqual(["gold/_forgotten/…"]);
    const raw = Object.keys(after).filter((name) => name.startsWith("bronze/"));
    const texts = raw.map((name) => after[name]).join("");
    for (const other of OTHERS) expect([other, texts.includes(other)]).toEqual([other, true]);

    // Bronze says the same by now, whoever reads it.
    await run(lake, "rebuild --from bronze");
    expect(await stateOf(lake.folder)).toEqual(after);
    const nobody = await lake.ingot(`forget ${EMAIL}`, KEY);
    expect(nobody).toMatchObject({ code: 1, stdout: "" });
    expect(nobody.stderr).toMatch(/Nobody with this e-mail address was found: 7 objects were searched/);
  });

  test("a person is found by the hash in silver, and gone from there, when raw files are gone and days pruned", async () => {
    const lake = shop();
    const silver = everyFile(path.join(lake.folder, "silver"));
    for (const file of silver) if (file.endsWith(".parquet") && file.includes("2026-01-01")) age(file);
    await run(lake, "compact --compacted-csv prune");
    expect(lake.files("silver").filter((file) => /^\w+\/dt=2026-01-01/.test(file))).toEqual([]);
    const gold = lake.gold();
    rmSync(path.join(lake.bronze, "customers"), { recursive: true });
    for (const gone of ["orders/dt=2026-01-02/orders_2.csv", "orders/dt=2026-01-01/orders_1.json"])
      rmSync(path.join(lake.bronze, gone));
    await run(lake, `forget ${EMAIL}`);
    expect(await tracesOf(lake)).toEqual({});
    await run(lake, "rebuild");
    expect(lake.gold()).toEqual(gold);
  });

  test("a person is gone from pages that others looked at, and what was put aside is named", async () => {
    const lake = temporaryLake();
    mkdirSync(lake.bronze, { recursive: true });
    const put = (name: string, text: string) => writeFileSync(path.join(lake.bronze, name), text);
    put("customers_1.csv", `customer_id,email,signup_date\n${IDS[0]},${EMAIL},never\n`);
    const page = `/a?m=${EMAIL.replace("@", "%40").toUpperCase()}`;
    put("clicks_1.txt", JSON.stringify({ customer_id: "A-1", page, ip: "203.0.113.9", ts: "2026-01-01" }));
    for (const args of ["clean --once", "aggregate --once"]) await run(lake, args);
    const file = path.join(lake.folder, "warehouse/ecommerce.sqlite");
    const aside = `${file}.unusable-1`;
    copyFileSync(file, aside);
    const { stdout, stderr } = await lake.ingot(`forget ${EMAIL}`, KEY);
    expect(stdout).toContain("The warehouse was filled anew");
    expect(`${stdout}${stderr}`).toContain(`${aside} is a warehouse that was put aside and names the person`);
    rmSync(aside);
    await run(lake, `forget ${EMAIL}`);
    expect(await tracesOf(lake)).toEqual({});
  });

  test("a person is forgotten by killed commands as by one that was not", async () => {
    const whole = shop();
    const isBegun = (lake: Lake): boolean =>
      lake.files("quarantine").some((file) => file.startsWith("_forgotten"));
    const start = performance.now();
    const ended = finished(whole.start(`forget ${EMAIL}`, KEY));
    await until("it has begun", () => isBegun(whole), 30_000);
    const searchMs = performance.now() - start;
    expect(await ended).toMatchObject({ code: 0 });
    const changeMs = performance.now() - start - searchMs;
    const expected = await stateOf(whole.folder);

    let lake = shop();
    let kills = 0;
    const expectForgotten = async (): Promise<void> => {
      expect(await stateOf(lake.folder)).toEqual(expected);
      expect(await tracesOf(lake)).toEqual({});
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const child = lake.start(`forget ${EMAIL}`, KEY);
      const end = finished(child);
      if (isBegun(lake)) await pause(searchMs * Math.random());
      else await until("it has begun", () => isBegun(lake) || child.exitCode !== null, 30_000);
      await pause(changeMs * Math.random());
      child.kill("SIGKILL");
      await end;
      kills += isBegun(lake) ? 1 : 0;
      if (isBegun(lake)) continue;
      await expectForgotten();
      lake = shop();
    }
    await run(lake, `forget ${EMAIL}`);
    console.info(`${kills} kills between its beginning and its end`);
    await expectForgotten();
  });

  test("another EMAIL_HASH_KEY is taken over by a rebuild from bronze, in Parquet and pruned days too, and gold stays", async () => {
    const lake = shop();
    for (const file of everyFile(path.join(lake.folder, "silver"))) if (file.endsWith(".parquet")) age(file);
    await run(lake, "compact --compacted-csv prune");
    const [gold, before] = [lake.gold(), await hashesIn(lake)];
    const hashes = (key: string): string[] => CUSTOMER_EMAILS.map((email) => hashOf(email, key)).sort();
    expect(before).toEqual(hashes("k1"));

    const done = await run(lake, "rebuild --from bronze", { EMAIL_HASH_KEY: "k2" });
    expect(done).toContain("5 days compacted anew");
    expect(done).not.toContain("stay as they were");
    expect(await hashesIn(lake)).toEqual(hashes("k2"));
    expect(lake.gold()).toEqual(gold);

    // What has no raw file any more keeps its hashes.
    rmSync(path.join(lake.bronze, "customers/dt=2026-01-01"), { recursive: true });
    expect(await run(lake, "rebuild --from bronze", { EMAIL_HASH_KEY: "k3" })).toMatch(
      /2 silver objects stay as they were, because their raw files are gone\. 2 of them hold customers/,
    );
  });
});

const hashOf = (email: string, key: string): string =>
  createHmac("sha256", key).update(email).digest("hex").slice(0, 16);

/** The distinct hashes of e-mail addresses anywhere in silver. */
async function hashesIn(lake: Lake): Promise<string[]> {
  const silver = everyFile(path.join(lake.folder, "silver"));
  const customers = silver.filter((file) => /customers.*\.(csv|parquet)$/.test(file));
  const texts = await withReader(async (read) => {
    const found: string[] = [];
    for (const file of customers) found.push(await read(file, readFileSync(file)));
    return found;
  });
  return [...new Set(texts.join("\n").match(/(?<=[",])[0-9a-f]{16}(?=[",])/g))].sort();
}
