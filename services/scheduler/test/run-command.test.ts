import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import {
  type CommandContext,
  type IngotError,
  NO_ALARMS,
  NO_HEARTBEAT,
  NO_LINEAGE,
  NO_METER,
  NO_METRICS,
  readSettings,
  systemClock,
} from "@ingot/common";
import { loadPipeline } from "@ingot/pipelines/batch";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { recordingLogger } from "../../../packages/common/test/support/recorders.ts";
import { runPipelineCommand } from "../src/run/run-command.ts";
import { type Bench, createBench } from "./bench.ts";
import { PRODUCTS, SHOPS, salesFile } from "./sme-files.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await createBench("2026-03-01T09:00:00Z");
});

function put(files: Record<string, string>): void {
  const folder = path.join(bench.folder, "bronze/sme-sales");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
}

/** Runs `ingot run` in this process. */
async function ingotRun(name: string | undefined, flags: CommandContext["flags"] = {}) {
  let stdout = "";
  const { logger, lines } = recordingLogger();
  const context: CommandContext = {
    settings: readSettings({ flags: {}, env: { LAKE_URL: pathToFileURL(bench.folder).href } }),
    flags,
    positionals: name === undefined ? [] : [name],
    signal: new AbortController().signal,
    clock: systemClock,
    logger: () => logger,
    meter: NO_METER,
    heartbeat: async () => NO_HEARTBEAT,
    metrics: async () => NO_METRICS,
    alarms: () => NO_ALARMS,
    lineage: async () => NO_LINEAGE,
    print: (line) => {
      stdout += `${line}\n`;
    },
    write: (text) => {
      stdout += text;
    },
  };
  const error = await runPipelineCommand.run(context).then(
    () => undefined,
    (failure: IngotError) => failure,
  );
  return { stdout, error, lines };
}

const ALL = { "magasins.csv": SHOPS, "produits.csv": PRODUCTS };
const LEASE = "gold/sme-sales/_runs/lease.json";

describe("ingot run", () => {
  test("shows each step and what came of it, and asserts what it is told to expect", async () => {
    expect((await ingotRun("sme-sales")).error).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining("ingot import sme-sales"),
    });
    put({ ...ALL, "ventes.csv": `${salesFile(100)}\n2026-05-27,REF999,1,1` });
    const { stdout, error } = await ingotRun("sme-sales");
    expect(error).toBeUndefined();
    expect(stdout).toMatch(/^ {2}sales +done +100 rows .* 101 read: 100 kept, 1 rejected$/m);
    expect(stdout).toMatch(/^Published in .*gold\/sme-sales\/latest:\n {2}total_revenue\.csv$/m);
    expect(stdout).toMatch(/^ {2}total_revenue revenue +\d+\.\d\d$/m);
    expect(stdout).toMatch(/^Checks: (\d+) of \1 passed$/m);
    expect(stdout).toMatch(/^Rejected, by reason, .*quarantine\/sme-sales:\n {2}sales: unknown_product 1$/m);
    expect(stdout).not.toContain("\u001b");

    // The scheduler learns which files were run.
    const state = readFileSync(path.join(bench.folder, "gold/sme-sales/_runs/schedule.json"), "utf8");
    expect(JSON.parse(state).succeeded).toMatchObject({ fingerprint: expect.any(String) });

    const file = path.join(bench.folder, "expected.yml");
    writeFileSync(file, "sales: 99\n");
    const wrong = await ingotRun("sme-sales", { expect: file });
    expect(wrong.error).toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/The run of sme-sales failed: .*sales.* 99/),
    });
    expect(wrong.stdout).toMatch(/expected .*99.*, found .*100/);
    expect(wrong.stdout).toContain("Nothing was published; gold is as it was");
    writeFileSync(file, "sales: 100\n");
    const json = await ingotRun("sme-sales", { expect: file, json: true });
    expect(JSON.parse(json.stdout)).toMatchObject({ status: "unchanged", trigger: "manual" });
  });

  test("lists the pipelines, and says what is called wrongly", async () => {
    const { summary } = await loadPipeline("sme-sales");
    expect((await ingotRun(undefined)).stdout).toContain(
      `sme-sales\n    ${summary}\n    runs: when files arrive\n`,
    );
    for (const [name, flags, says] of [
      ["nothing", {}, 'no pipeline "nothing"'],
      ["sme-sales", { from: "2026-01-01" }, "leave out --from"],
      ["wine-merchant", { from: "2026-13" }, '--from is "2026-13"'],
      ["wine-merchant", { from: "2026-02-30" }, '--from is "2026-02-30"'],
      ["wine-merchant", { from: "2026-02", to: "2026-01" }, "after --to"],
      ["sme-sales", { expect: "nowhere.yml" }, "nowhere.yml cannot be read"],
    ] as const) {
      const { error } = await ingotRun(name, flags);
      expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(says) });
    }
  });

  test("ends at once where the pipeline is being run elsewhere, and says by whom; or waits", async () => {
    put({ ...ALL, "ventes.csv": salesFile(10) });
    const lease = path.join(bench.folder, LEASE);
    mkdirSync(path.dirname(lease), { recursive: true });
    const holder = {
      owner: "x",
      host: "till-1",
      pid: 41,
      trigger: "schedule",
      since: "2026-03-01T09:00:05Z",
    };
    writeFileSync(lease, JSON.stringify(holder));
    expect((await ingotRun("sme-sales")).error).toMatchObject({
      exitCode: 1,
      message:
        "sme-sales is being run already, by process 41 on till-1, since 2026-03-01T09:00:05Z (by the schedule). Wait for it: ingot run sme-sales --wait",
    });
    let isOver = false;
    const waiting = ingotRun("sme-sales", { wait: true }).finally(() => {
      isOver = true;
    });
    await delay(100);
    expect(isOver).toBe(false);
    rmSync(lease);
    expect((await waiting).error).toBeUndefined();
    await vi.waitFor(() => expect(() => readFileSync(lease)).toThrow("ENOENT"));
  });
});
