import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { naiveGold } from "./naive-gold.ts";
import { type Lake, sharedLake, temporaryLake } from "./support.ts";

const TICKS = 12;

async function generate(lake: Lake): Promise<void> {
  for (const command of [`generate --ticks ${TICKS} --seed 7`, "clean --once", "aggregate --once"]) {
    expect(await lake.ingot(command), command).toMatchObject({ code: 0 });
  }
}

/** All bytes of all files below a folder, side files included. */
function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

const wordsOf = (text: string): string[] => text.split(/[^\p{L}\p{N}@._'-]+/u);

describe("a generated shop, from bronze to gold", () => {
  const lake = sharedLake(generate, 30_000);

  it("gives the gold that a naive computation from bronze gives", async () => {
    expect(Object.keys(lake.gold()).sort()).toEqual([
      "aov",
      "revenue_by_channel",
      "revenue_by_country",
      "sales_by_day",
      "top_products",
    ]);
    expect(lake.gold()).toEqual(naiveGold(lake.bronze));
  });

  it("accounts for every record: read = kept + rejected + duplicates", async () => {
    const status = JSON.parse((await lake.ingot("status --json")).stdout);
    for (const dataset of ["customers", "orders", "clicks"]) {
      const { read, kept, rejected, duplicates } = status.datasets[dataset];
      const lines = lake.files("bronze").filter((file) => path.basename(file).startsWith(dataset));
      expect(lines).toHaveLength(TICKS);
      expect(rejected, dataset).toBeGreaterThan(0);
      expect(read, dataset).toBe(kept + rejected + duplicates);
      const silver = lake
        .files("silver")
        .filter((file) => path.basename(file).startsWith(dataset))
        .flatMap(
          (file) => Papa.parse(lake.read(`silver/${file}`), { header: true, skipEmptyLines: true }).data,
        );
      expect(silver, dataset).toHaveLength(kept);
      const quarantine = lake
        .files("quarantine")
        .filter((file) => path.basename(file).startsWith(dataset))
        .flatMap((file) => lake.read(`quarantine/${file}`).trim().split("\n"));
      expect(quarantine, dataset).toHaveLength(rejected);
    }
    expect(status.backlog).toMatchObject({ bronze: 0, silver: 0 });
  });

  it("leaves no name, e-mail or IP address in silver and gold", async () => {
    const secrets = new Set<string>();
    /** Words that are in silver rightly: products, pages, countries. */
    const harmless = new Set<string>();
    for (const file of lake.files("bronze")) {
      const content = lake.read(`bronze/${file}`);
      if (path.basename(file).startsWith("customers")) {
        for (const row of Papa.parse<Record<string, string>>(content, { header: true, skipEmptyLines: true })
          .data) {
          for (const field of ["first_name", "last_name", "email"]) secrets.add((row[field] ?? "").trim());
          for (const word of wordsOf(row.country ?? "")) harmless.add(word);
        }
      } else {
        for (const [ip] of content.matchAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g)) secrets.add(ip);
        for (const word of wordsOf(content)) harmless.add(word);
      }
    }
    for (const secret of secrets) if (!/[@.]/.test(secret) && harmless.has(secret)) secrets.delete(secret);
    const published = ["silver", "gold"].map((layer) => everything(path.join(lake.folder, layer))).join("\n");
    // Names of one or two letters would be found inside any word.
    const told = [...secrets].filter((secret) => secret.length > 2);
    expect(told.length).toBeGreaterThan(1000);
    const words = new Set(wordsOf(published));
    expect(
      told.filter((secret) => (/[@.]/.test(secret) ? published.includes(secret) : words.has(secret))),
    ).toEqual([]);
  });

  it("is the same wherever and whenever it is generated from one seed", async () => {
    const [one, two, other] = [temporaryLake(), temporaryLake(), temporaryLake()];
    await Promise.all([
      one.ingot("generate --ticks 3 --seed 5"),
      two.ingot("generate --ticks 3 --seed 5", { TZ: "Pacific/Auckland" }),
      other.ingot("generate --ticks 3 --seed 6"),
    ]);
    expect(one.files("bronze")).toHaveLength(9);
    expect(two.files("bronze")).toEqual(one.files("bronze"));
    expect(everything(two.bronze)).toBe(everything(one.bronze));
    expect(everything(other.bronze)).not.toBe(everything(one.bronze));
  });
});
