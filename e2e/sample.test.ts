import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { copyInto, REPOSITORY, temporaryLake } from "./support.ts";

const SAMPLE = path.join(REPOSITORY, "e2e/sample");

/** Files and their texts below a folder, but for what is known of schemas, which tells when. */
function tree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".ingot-"))
    .filter(({ parentPath }) => !parentPath.includes("/_schemas/"))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(files.map((file) => [path.relative(folder, file), readFileSync(file, "utf8")]));
}

describe("the sample shop, worked out by hand", () => {
  it("gives the silver, the quarantine and the gold that its folder shows", async () => {
    const lake = temporaryLake();
    copyInto(lake, path.join(SAMPLE, "bronze"));
    expect(await lake.ingot("clean --once")).toMatchObject({ code: 0 });
    expect(await lake.ingot("aggregate --once")).toMatchObject({ code: 0 });
    for (const layer of ["silver", "quarantine"]) {
      expect(tree(path.join(lake.folder, layer)), layer).toEqual(tree(path.join(SAMPLE, "expected", layer)));
    }
    const gold = Object.entries(lake.gold()).map(([kpi, text]) => [`${kpi}.csv`, text]);
    expect(Object.fromEntries(gold)).toEqual(tree(path.join(SAMPLE, "expected/gold")));
  });
});
