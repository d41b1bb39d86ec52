import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, IngotError, type Logger, type ObjectStore } from "@ingot/common";
import { describe, expect, onTestFinished, test } from "vitest";
import { createIdleCompaction } from "../src/idle-compaction.ts";
import type { IdleWork } from "../src/idle-work.ts";

const KEY = "clicks/dt=2026-03-01/clicks_clean_a.csv";
const COMPACTED = "parquet/clicks/dt=2026-03-01/clicks.parquet";
const MINUTE = 60_000;

async function idle(change: (silver: FileStore) => Partial<ObjectStore> = () => ({})) {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-idle-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const silver = new FileStore(folder);
  const put = async (key: string): Promise<void> => {
    await silver.write(key, Buffer.from("customer_id,page,ts\nC1,/,2026-03-01T12:00:00.000000Z\n"));
    utimesSync(path.join(folder, key), new Date("2026-03-02"), new Date("2026-03-02"));
  };
  await put(KEY);
  const store: ObjectStore = {
    url: silver.url,
    settleMs: 0,
    list: (options) => silver.list(options),
    stat: (key) => silver.stat(key),
    read: (key) => silver.read(key),
    write: (...written) => silver.write(...written),
    delete: (key) => silver.delete(key),
    ...change(silver),
  };
  const clock = {
    nowMs: Date.parse("2026-03-10T12:00:00Z"),
    now: () => new Date(clock.nowMs),
    sleep: async () => undefined,
  };
  const warnings: string[] = [];
  const logger = { info: () => undefined, warn: (text: string) => warnings.push(text) } as unknown as Logger;
  const compaction = createIdleCompaction({ silver: store, csv: "keep", clock, logger });
  onTestFinished(() => compaction.close());
  return { silver, put, clock, warnings, compaction };
}

const nothing = (compaction: IdleWork) => compaction.onPass({ objects: 0, failures: [] });

/** Longer than it takes to begin, so that what should not happen would be seen. */
const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 400));

/** Waits for a Parquet file with so many rows. */
const compacted = (silver: FileStore, rows: number): Promise<void> =>
  expect
    .poll(async () => (await silver.stat(COMPACTED))?.metadata.rows, { timeout: 10_000 })
    .toBe(String(rows));

describe("an aggregator with nothing to do", () => {
  test("compacts finished days some minutes after its start, then once an hour", async () => {
    const { silver, put, clock, compaction, warnings } = await idle();
    nothing(compaction);
    clock.nowMs += 6 * MINUTE;
    compaction.onPass({ objects: 3, failures: [] });
    compaction.onPass({ objects: 0, failures: [{ key: "x", error: new Error("x") }] });
    await settled();
    expect(await silver.stat(COMPACTED)).toBeUndefined();
    nothing(compaction);
    nothing(compaction);
    await compacted(silver, 1);
    await settled();
    const first = await silver.stat(COMPACTED);
    await put(KEY.replace("_a", "_b"));
    clock.nowMs += 59 * MINUTE;
    nothing(compaction);
    await settled();
    expect((await silver.stat(COMPACTED))?.etag).toBe(first?.etag);
    clock.nowMs += 2 * MINUTE;
    nothing(compaction);
    await compacted(silver, 2);
    expect(warnings).toEqual([]);
  });

  test("goes on where it may not write, and says so once", async () => {
    const { clock, compaction, warnings } = await idle(() => ({
      write: async () => {
        throw new IngotError("storage_denied", "The store refuses to write.");
      },
    }));
    for (let round = 0; round < 3; round += 1) {
      clock.nowMs += 61 * MINUTE;
      nothing(compaction);
      await expect.poll(() => warnings.length, { timeout: 10_000 }).toBe(1);
      await settled();
    }
    expect(warnings).toEqual([expect.stringMatching(/not compacted: The store refuses.*ingot credentials/)]);
  });

  test("stops at once when it is closed", async () => {
    const { silver, clock, compaction, warnings } = await idle();
    clock.nowMs += 6 * MINUTE;
    nothing(compaction);
    await compaction.close();
    nothing(compaction);
    await settled();
    expect([await silver.stat(COMPACTED), warnings]).toEqual([undefined, []]);
  });
});
