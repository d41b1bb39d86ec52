import { execFile } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { checkLake } from "./chaos/check.ts";
import { REPOSITORY, temporaryLake } from "./support.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-chaos-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a few seconds of killed and frozen services and full disks lose and double nothing", {
  timeout: 120_000,
}, async () => {
  const folder = temporaryFolder();
  // On MinIO it takes twice as long: that is for `npm run chaos`.
  const args = "e2e/chaos/run.ts --minutes 0.05 --seed 5 --only folder".split(" ");
  const env = { ...process.env, TMPDIR: folder };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: REPOSITORY, env });
  for (const figure of ["records lost", "records doubled", "orders lost", "orders doubled"])
    expect(stdout).toContain(`| ${figure} | 0 |`);
  expect(stdout).toContain("| differences of any kind | 0 |");
  for (const figure of ["services killed", "bronze objects", "orders in gold"])
    expect(stdout).toMatch(new RegExp(`^\\| ${figure} \\| [1-9][\\d,]* \\|$`, "m"));
  expect(readdirSync(folder)).toEqual([]);
});

test("what is lost, doubled, invented or left over is named", { timeout: 60_000 }, async () => {
  const lake = temporaryLake();
  for (const args of ["generate --ticks 2 --rows 60 --faults 0.05", "clean --once", "aggregate --once"])
    expect(await lake.ingot(args), args).toMatchObject({ code: 0 });
  const file = (layer: string, dataset: string, at: number): string =>
    path.join(lake.folder, layer, lake.files(layer).filter((name) => name.startsWith(dataset))[at]!);
  const dropLine = (name: string): void =>
    writeFileSync(name, readFileSync(name, "utf8").replace(/\n[^\n]*\n$/, "\n"));

  // A row gone from silver, though nobody's counts say so; a rejected record gone; and one there twice.
  dropLine(file("silver", "orders", 0));
  dropLine(file("quarantine", "clicks", 0));
  appendFileSync(file("quarantine", "clicks", 1), readFileSync(file("quarantine", "clicks", 1)));
  copyFileSync(file("bronze", "customers", 0), path.join(lake.bronze, "customers_again.csv"));
  writeFileSync(path.join(lake.folder, "gold", "latest", "aov.csv.tmp"), "");

  const { differences, ...checked } = await checkLake(
    { cwd: lake.folder, env: { LAKE_URL: lake.folder } },
    temporaryFolder(),
  );
  const { orders, clicks } = checked.datasets;
  // A silver object that somebody else wrote has no counts any more, so that its duplicates are missing too.
  expect(orders.lost).toBeGreaterThan(0);
  expect(orders.doubled).toBe(0);
  expect(clicks.lost).toBe(1);
  expect(clicks.doubled).toBeGreaterThan(0);
  expect(checked).toMatchObject({ ordersLost: 1, ordersDoubled: 0 });
  for (const text of [
    /^orders\/dt=2026-01-01\/orders_20260101T010000\.json: 60 records, but/,
    /^clicks\/.*T010000\.txt: .* rejected lines/,
    /^clicks\/.*T020000\.txt: .* rejected lines/,
    /^bronze has customers_again\.csv twice, also as customers\//,
    /^gold: sales_by_day is/,
    /^gold shows a temporary object: latest\/aov\.csv\.tmp$/,
  ]) {
    expect(differences).toContainEqual(expect.stringMatching(text));
  }
});
