import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { PRODUCTS, SHOPS, salesFile } from "../services/scheduler/test/sme-files.ts";
import { serve } from "./doctor-support.ts";
import { finished, type Lake, temporaryLake, until } from "./support.ts";

function put(lake: Lake, files: Record<string, string>): void {
  const folder = path.join(lake.bronze, "sme-sales");
  mkdirSync(folder, { recursive: true });
  const before = new Date(Date.now() - 60_000);
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), text);
    utimesSync(path.join(folder, name), before, before);
  }
}

const ALL = { "magasins.csv": SHOPS, "produits.csv": PRODUCTS };
const FAST = { POLL_INTERVAL: "100ms" };
const runsOf = (lake: Lake) => {
  const folder = path.join(lake.folder, "gold/sme-sales/_runs");
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => /^\d/.test(file)) : [];
  return files.sort().map((file) => JSON.parse(lake.read(`gold/sme-sales/_runs/${file}`)));
};

describe("the scheduler", { timeout: 60_000 }, () => {
  it("killed in the middle of a run: the next one takes over at once, and nothing is lost", async () => {
    const lake = temporaryLake();
    put(lake, { ...ALL, "ventes.csv": salesFile(40_000) });
    const killed = lake.start("schedule", FAST);
    const end = finished(killed);
    await until("a run has begun", () => runsOf(lake).length === 1, 20_000);
    killed.kill("SIGKILL");
    await end;
    expect(lake.files("gold")).toContain("sme-sales/_runs/lease.json");
    const { code, stderr } = await lake.ingot("schedule --once", FAST);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("is taken over") });
    expect(runsOf(lake).map(({ status, trigger }) => `${trigger} ${status}`)).toEqual([
      "arrival running",
      "arrival published",
    ]);
    const runs = await lake.ingot("runs sme-sales");
    expect(runs.stdout).toMatch(/^\S+ \S+ +sme-sales +arrival +published .*\n.* broken off /);
    expect(lake.files("gold")).not.toContain("sme-sales/_runs/lease.json");
    const manual = await lake.ingot("run sme-sales");
    expect(manual).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("changed nothing") });
  });

  it("tells of a run that failed with step and check, and of the one that is right again", async () => {
    const lake = temporaryLake();
    const texts: string[] = [];
    const origin = await serve(async (request, response) => {
      texts.push(JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()).text);
      response.end("ok");
    });
    const env = {
      ...FAST,
      ALARM_WEBHOOK_URL: `${origin}/services/x`,
      ALARM_STATE_DIR: path.join(lake.folder, "state"),
    };
    put(lake, { ...ALL, "ventes.csv": "Quoi,Combien\n1,2\n" });
    const failing = await lake.ingot("schedule --once", env);
    expect(failing).toMatchObject({ code: 1, stderr: expect.stringContaining("ventes.csv") });
    expect(texts.splice(0)).toEqual([
      expect.stringMatching(
        /^\*scheduler error: The run of sme-sales failed.*: .*ventes\.csv[\s\S]*Gold is as it was\./,
      ),
    ]);
    expect((await lake.ingot("schedule --once", env)).code).toBe(0);
    expect(texts).toEqual([]);
    put(lake, { "ventes.csv": salesFile(100) });
    await lake.ingot("schedule --once", env);
    const [told = ""] = texts;
    expect(told).toMatch(/\*scheduler, in order again: The run of sme-sales failed/);
    expect(told).toMatch(
      /\*scheduler: sme-sales is published: run \S+\*\nPublished: .*total_revenue\.csv.*\nRows: .*\nRejected: nothing/,
    );
  });
});
