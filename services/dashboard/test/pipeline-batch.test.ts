import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, overriding } from "@ingot/common";
import type { PipelineManifest, RunRecord, RunStep } from "@ingot/engine/batch";
import { expect, onTestFinished, test } from "vitest";
import { BatchRuns } from "../src/pipeline/batch-runs.ts";
import { expectError, schemaCheck, serve } from "./http-support.ts";
import { PipelineLake, seen } from "./pipeline-lake.ts";

const NOW = new Date("2026-11-20T12:00:00Z");

const step = (name: string, more: Partial<RunStep> = {}): RunStep => ({ name, status: "done", ...more });

function record(day: number, more: Partial<RunRecord> = {}): RunRecord {
  const date = `2026-11-${String(day).padStart(2, "0")}`;
  return {
    ...{ id: `${date.replaceAll("-", "")}T115000000Z-1f3a`, pipeline: "retail-stores", trigger: "schedule" },
    ...{ started_at: `${date}T11:50:00.000Z`, finished_at: `${date}T11:50:02.000Z`, status: "published" },
    ...{ attempt: 1, code_version: "0.1.0", steps: [], published: [] },
    ...more,
  };
}

const SALES = step("sales", {
  rows: 7,
  days: 1,
  took_ms: 12,
  records: {
    objects: 1,
    read: 12,
    kept: 7,
    rejected: 3,
    duplicates: 1,
    dropped: 1,
    reasons: { bad_quantity: 3 },
  },
  checks: [
    {
      check: "not_null(store_id)",
      severity: "error",
      status: "pass",
      failing: 0,
      expected: "0 rows",
      actual: "0 rows",
    },
    { check: "rows", severity: "warn", status: "fail", failing: 1, expected: "10", actual: "7" },
  ],
});

async function put(gold: FileStore, run: RunRecord): Promise<void> {
  await gold.write(`retail-stores/_runs/${run.id}.json`, Buffer.from(JSON.stringify(run)));
}

const MANIFEST: PipelineManifest = {
  ...{ pipeline: "retail-stores", run: "r", published_at: "2026-11-19T11:50:02.000Z", fingerprint: "f" },
  files: { "stores.csv": { key: "retail-stores/history/r/stores.csv", sha256: "", bytes: 9, rows: 2 } },
};

function emptyGold(): FileStore {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-batch-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return new FileStore(folder);
}

test("of each pipeline the newest runs are shown, what the last one with work did, and what is published", async () => {
  const gold = emptyGold();
  for (let day = 1; day <= 18; day++) await put(gold, record(day));
  await put(gold, record(17, { status: "running" }));
  await put(gold, record(18, { steps: [SALES, step("publish")] }));
  await put(gold, record(19, { status: "unchanged", steps: [step("sales", { status: "reused" })] }));
  await gold.write("retail-stores/_runs/20261116T000000000Z-bad.json", Buffer.from("{"));
  await gold.write("retail-stores/_runs/_schedule.json", Buffer.from("{}"));
  await gold.write("retail-stores/latest/manifest.json", Buffer.from(JSON.stringify(MANIFEST)));
  const reads: string[] = [];
  const watched = overriding(gold, {
    read: (key: string) => {
      reads.push(key);
      return gold.read(key);
    },
  });
  const runs = new BatchRuns({ gold: watched, names: async () => ["nothing", "retail-stores"] });
  expect(runs.describe(NOW)).toEqual([]);
  await runs.refresh();
  const [found, ...others] = runs.describe(NOW);
  expect(others).toEqual([]);
  expect(found?.runs.map(({ started_at, status }) => `${started_at.slice(8, 10)} ${status}`)).toEqual([
    ...["19 unchanged", "18 published", "17 broken", "16 published", "15 published"],
    ...["14 published", "13 published", "12 published", "11 published"],
  ]);
  expect(found).toMatchObject({
    name: "retail-stores",
    steps_at: "2026-11-18T11:50:00.000Z",
    published_at: MANIFEST.published_at,
    files: [{ name: "stores.csv", key: "retail-stores/latest/stores.csv", size: 9, rows: 2 }],
  });
  expect(found?.runs[1]).toMatchObject({ kept: 7, rejected: 3, duplicates: 1 });
  expect(found?.steps[0]).toEqual({
    ...{ name: "sales", status: "done", rows: 7, days: 1, took_ms: 12, checks: 2 },
    records: { read: 12, kept: 7, rejected: 3, duplicates: 1, reasons: { bad_quantity: 3 } },
    failed_checks: [{ check: "rows", severity: "warn", expected: "10", actual: "7" }],
  });

  // Only what is new is read.
  reads.length = 0;
  await runs.refresh();
  expect(reads).toEqual([]);
  const { finished_at: _, ...begun } = record(20, {
    status: "running",
    started_at: "2026-11-20T11:59:59.000Z",
  });
  await put(gold, begun);
  await runs.refresh();
  expect(reads).toEqual([`retail-stores/_runs/${begun.id}.json`]);
  expect(runs.describe(NOW)[0]?.runs[0]?.status).toBe("running");
  expect(runs.describe(new Date("2026-11-20T19:00:00Z"))[0]?.runs[0]?.status).toBe("broken");
  await put(gold, record(20, { status: "failed", error: "no file of stores" }));
  await runs.refresh();
  expect(runs.describe(NOW)[0]?.runs[0]).toMatchObject({ status: "failed", error: "no file of stores" });
});

test("runs are part of the status, and gold's files are handed out as they are", async () => {
  const lake = await PipelineLake.open();
  const bytes = Buffer.from("SQLite format 3\0=1+1");
  await put(lake.lake.gold as FileStore, record(18, { steps: [SALES] }));
  await lake.lake.gold.write("wine-merchant/latest/ventes d'été.sqlite", bytes);
  await lake.lake.gold.write("wine-merchant/latest/page.html", Buffer.from("<script>"));
  await lake.lake.silver.write("retail-stores/clients/clients.parquet", bytes);
  const view = lake.view();
  onTestFinished(() => view.close());
  const status = await seen(view, ({ batch }) => batch.length > 0);
  expect(status.batch.map(({ name }) => name)).toEqual(["retail-stores"]);
  const { app, get } = await serve({ pipeline: view });
  schemaCheck(app, { $ref: "#/components/schemas/PipelineStatus" })((await get("/api/status")).json());

  const content = (key: string, layer = "gold"): string =>
    `/api/objects/content?layer=${layer}&key=${encodeURIComponent(key)}`;
  const answer = await get(content("wine-merchant/latest/ventes d'été.sqlite"));
  expect(answer.rawPayload).toEqual(bytes);
  expect(answer.headers).toMatchObject({
    "content-type": "application/vnd.sqlite3",
    "content-length": String(bytes.length),
    "content-disposition":
      "attachment; filename=\"ventes_d__t_.sqlite\"; filename*=UTF-8''ventes%20d%27%C3%A9t%C3%A9.sqlite",
    "x-content-type-options": "nosniff",
  });
  const etag = String(answer.headers.etag);
  const again = await get(content("wine-merchant/latest/ventes d'été.sqlite"), { "if-none-match": etag });
  expect([again.statusCode, again.body]).toEqual([304, ""]);
  const head = await app.inject({ method: "HEAD", url: content("wine-merchant/latest/ventes d'été.sqlite") });
  expect([head.body, head.headers.etag]).toEqual(["", etag]);
  // What a browser would run is saved, too.
  const page = await get(content("wine-merchant/latest/page.html"));
  expect(page.headers).toMatchObject({
    "content-type": "application/octet-stream",
    "content-disposition": 'attachment; filename="page.html"',
  });

  expectError(await get(content("wine-merchant/latest/none.csv")), 404, "object_missing");
  for (const key of ["../silver/x", "a/../../b", "/etc/passwd"])
    expect(expectError(await get(content(key)), 400, "invalid_parameter").parameter).toBe("key");
  for (const layer of ["silver", "bronze", "quarantine"])
    expect(
      expectError(
        await get(content("retail-stores/clients/clients.parquet", layer)),
        400,
        "invalid_parameter",
      ).parameter,
    ).toBe("layer");
});
