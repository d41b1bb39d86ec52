import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { runs, runsTimeout } from "../packages/common/test/support/runs.ts";
import { type CaseId, caseOf, KINDS } from "./fuzz/cases.ts";
import { type Finding, tryAll } from "./fuzz/pool.ts";
import { REPOSITORY } from "./support.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-fuzz-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("no record and no damaged file breaks the cleaner", { timeout: runsTimeout(60_000) }, async () => {
  const folder = temporaryFolder();
  const [records, files] = [runs(200), runs(8)];
  const args = `e2e/fuzz/run.ts --records ${records} --files ${files} --seed 1`.split(" ");
  const env = { ...process.env, TMPDIR: folder };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: REPOSITORY, env });
  expect(stdout).toContain("crashes 0, hangs 0, failed checks 0, inputs with records unaccounted for 0");
  expect(stdout).toMatch(/\| files: above 8 MB.*\| [1-9][\d,]* \|$/m);
  expect(readdirSync(folder)).toEqual([]);
});

test("the same seed gives the same inputs, another one others", () => {
  const bytes = (id: CaseId) => caseOf(id).bytes.toString("latin1");
  for (const kind of KINDS) {
    expect(bytes({ seed: 4, kind, index: 1 })).toBe(bytes({ seed: 4, kind, index: 1 }));
    expect(bytes({ seed: 4, kind, index: 1 })).not.toBe(bytes({ seed: 5, kind, index: 1 }));
    expect(bytes({ seed: 4, kind, index: 1 })).not.toBe(bytes({ seed: 4, kind, index: 2 }));
  }
});

test("an input that never ends, kills its process or fails a check is named, and the others are tried", async () => {
  const folder = temporaryFolder();
  const findings: Finding<string>[] = [];
  const answered: string[] = [];
  await tryAll(["good", "hangs", "dies", "fails", "good as well"], {
    worker: new URL("fuzz/fixtures/bad-worker.ts", import.meta.url),
    processes: 2,
    hangMs: 1000,
    folder,
    nameOf: (id) => id,
    onReply: (id) => answered.push(id),
    onFinding: (finding) => findings.push(finding),
  });
  expect(answered.sort()).toEqual(["fails", "good", "good as well"]);
  expect(findings.map(({ kind, id, detail }) => `${kind} ${id}: ${detail}`).sort()).toEqual([
    "crash dies: ended with 3",
    "failure fails: it is wrong",
    "hang hangs: no answer within 1 s",
  ]);
});
