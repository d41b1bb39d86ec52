import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { drop, emptyShop, order, shop } from "./quarantine-support.ts";

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe("ingot quarantine list and show", () => {
  it("tell what was rejected, why and where from", async () => {
    const { lake, run, list } = await shop();
    const { totals, objects } = await list();
    const lines = lake
      .files("quarantine")
      .flatMap((file) => lake.read(`quarantine/${file}`).trimEnd().split("\n"));
    const { rejects } = JSON.parse(await run("status", "--json"));
    const byReason = Object.entries(Object.groupBy(totals, ({ reason }) => reason));
    expect(
      Object.fromEntries(byReason.map(([reason, of]) => [reason, sum(of!.map(({ records }) => records))])),
    ).toEqual(rejects);
    expect(sum(totals.map(({ records }) => records))).toBe(lines.length);
    expect(objects.map(({ quarantine_key }) => quarantine_key).sort()).toEqual(lake.files("quarantine"));
    for (const { bronze_key, quarantine_key, rejected } of objects) {
      expect(lake.read(`quarantine/${quarantine_key}`).trimEnd().split("\n")).toHaveLength(rejected);
      expect(quarantine_key).toBe(`${bronze_key}.rejected.jsonl`);
    }
    const [first] = (await list("--dataset", "orders", "--reason", "invalid_order_ts", "--limit", "1"))
      .objects;
    const stored = lake.read(`quarantine/${first!.quarantine_key}`);
    expect(await run("quarantine", "show", first!.bronze_key, "--json")).toBe(stored);
    expect(await run("quarantine", "show", first!.quarantine_key, "--json")).toBe(stored);
    const some = stored.split("\n").filter((line) => line.includes('"reason":"invalid_order_ts"'));
    const flags = ["--reason", "invalid_order_ts", "--json"];
    expect(await run("quarantine", "show", first!.bronze_key, ...flags)).toBe(`${some.join("\n")}\n`);
    const { index, raw } = JSON.parse(some[0]!);
    const shown = await run("quarantine", "show", first!.bronze_key, "--reason", "invalid_order_ts");
    expect(shown).toContain(`\nindex ${index}  invalid_order_ts\n    ${raw}\n`);
    expect(shown).toMatch(new RegExp(`\n\\(${some.length} records?\\)\n$`));

    // Silver tells the counts; a file is read only where it does not.
    const files = lake.files("quarantine").map((file) => path.join(lake.folder, "quarantine", file));
    const whole = files.map((file) => readFileSync(file));
    for (const file of files) writeFileSync(file, "not looked at");
    expect((await list()).totals).toEqual(totals);
    for (const [at, file] of files.entries()) writeFileSync(file, whole[at]!);
    rmSync(path.join(lake.folder, "silver"), { recursive: true });
    expect((await list()).totals).toEqual(totals);
  });

  it("say so where nothing was rejected, or nothing of that kind", async () => {
    const { run, list, ask } = emptyShop();
    const [empty, nothing, odd, none, unknown, unnamed] = await Promise.all([
      run("quarantine", "list"),
      list(),
      run("quarantine", "list", "--reason", "odd"),
      run("quarantine", "retry", "--all"),
      ask("quarantine", "show", "orders/orders_1.json"),
      ask("quarantine", "retry", "orders/orders_1.json"),
    ]);
    expect(empty).toMatch(/^Quarantine is empty in file:.*: nothing was rejected\.\n$/);
    expect(nothing).toMatchObject({ totals: [], objects: [] });
    expect(odd).toContain("no records with the reason odd");
    expect(none).toContain("nothing to clean anew");
    for (const refused of [unknown, unnamed]) {
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain("`ingot quarantine list` shows the keys");
    }
  });

  it.each([
    [["retry"], "retry takes keys"],
    [["show", "a", "--dataset", "orders"], "show does not take --dataset"],
  ])("refuse %o", async (args, says) => {
    const { code, stdout, stderr } = await emptyShop().ask("quarantine", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
  });
});

describe("odd names and odd bytes", () => {
  it("are shown without steering the terminal, and can be named", async () => {
    const made = emptyShop();
    const { run, list, lake } = made;
    const bad = JSON.stringify([order("\u009b31mred", "never"), order("\u202ebidi", "never"), order("o3")]);
    const keys = [
      "orders/dt=2026-01-01/orders a\u001b[31m'\"#%&é😀.json",
      "orders_x.json",
      // Also the name of the first one's object in quarantine.
      "orders_x.json.rejected.jsonl",
      "orders_\u2028.json",
    ];
    for (const key of keys) drop(made, key, bad);
    const csv = 'order_id,order_ts\n"\u001b]0;title\u0007","never\nagain"\n';
    drop(made, "orders_e.csv", csv);
    await run("clean", "--once");
    expect((await list()).objects.map(({ bronze_key }) => bronze_key).sort()).toEqual(
      [...keys, "orders_e.csv"].sort(),
    );
    const STEERING = /[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u;
    expect(await run("quarantine", "list")).not.toMatch(STEERING);
    const check = async (key: string): Promise<void> => {
      const shown = await run("quarantine", "show", key);
      expect(shown).not.toMatch(STEERING);
      expect(shown).toContain("invalid_order_ts");
      const stored = await run("quarantine", "show", key, "--json");
      expect(stored).toBe(lake.read(`quarantine/${key}.rejected.jsonl`));
      for (const line of stored.trimEnd().split("\n")) expect(JSON.parse(line).source_key).toBe(key);
    };
    await Promise.all([keys[0]!, keys[1]!, keys[2]!, "orders_e.csv"].map(check));
    for (const key of keys) drop(made, key, bad.replace("never", "2026-01-02"));
    const retried = await run("quarantine", "retry", ...keys);
    expect(retried).not.toMatch(STEERING);
    expect(retried).toContain("4 bronze objects cleaned anew: 4 records kept now, 4 still rejected");
  });
});
