import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Clock, createLogger, type Lake, openLake, systemClock } from "@ingot/common";
import { ECOMMERCE, loadModels } from "@ingot/pipelines";
import { createCompactor, PRUNED_AFTER_MS } from "@ingot/pipelines/tables";
import { SqliteWarehouse } from "@ingot/warehouse";
import { expect, onTestFinished, vi } from "vitest";
import { accessTo, makeBucket } from "../../../packages/common/test/storage/s3-server.ts";
import type { S3Server } from "../../../packages/common/test/storage/s3-servers.ts";
import { createAggregator } from "../../aggregator/src/index.ts";
import { createCleaner } from "../../cleaner/src/index.ts";
import type { PipelineStatus } from "../src/api/contract.ts";
import { createPipelineView, type PipelineView, type PipelineViewOptions } from "../src/pipeline/index.ts";

const BUCKETS = { bronze: "bronze", silver: "silver", quarantine: "quarantine", gold: "gold" };
const { signal } = new AbortController();
const logger = createLogger({ logLevel: "silent", logFormat: "json" }, "test");

/** A lake with real services to work in it; gone with the test. */
export class PipelineLake {
  readonly folder: string;
  readonly lake: Lake;

  private constructor(folder: string, lake: Lake) {
    this.folder = folder;
    this.lake = lake;
  }

  /** @param server where the lake is; in a folder without one */
  static async open(server?: S3Server): Promise<PipelineLake> {
    const folder = mkdtempSync(path.join(tmpdir(), "ingot-pipeline-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    if (!server) {
      const url = pathToFileURL(path.join(folder, "lake"));
      return new PipelineLake(folder, await openLake({ url, buckets: BUCKETS }));
    }
    const access = accessTo(server);
    const { bucket, remove } = await makeBucket(access);
    onTestFinished(remove);
    const lake = await openLake({ url: new URL(`s3://${bucket}/shop`), buckets: BUCKETS, s3: access });
    onTestFinished(() => lake.close());
    return new PipelineLake(folder, lake);
  }

  get warehouseFile(): string {
    return path.join(this.folder, "warehouse", "shop.sqlite");
  }

  async deliver(key: string, content: string): Promise<void> {
    await this.lake.bronze.write(key, Buffer.from(content));
  }

  /** As the cleaner does it, once the files have been left alone for a moment. */
  async clean(): Promise<void> {
    const clock = { ...systemClock, now: () => new Date(Date.now() + 10_000) };
    const cleaner = createCleaner({
      lake: this.lake,
      businessTimezone: "UTC",
      emailHashKey: undefined,
      concurrency: 4,
      clock,
      logger,
    });
    expect((await cleaner.pass(signal)).failures).toEqual([]);
  }

  /** Takes silver into the warehouse, and brings gold up to date. @param isAnew forgets the warehouse first */
  async aggregate(isAnew = false): Promise<void> {
    const warehouse = SqliteWarehouse.open({ file: this.warehouseFile, lakeUrl: this.lake.url });
    const aggregator = createAggregator({
      lake: this.lake,
      warehouse,
      loadModels: () => loadModels(ECOMMERCE.models),
      goldHistory: 5,
      goldRetentionDays: undefined,
      clock: systemClock,
      logger,
      isThorough: false,
    });
    try {
      const report = isAnew ? await aggregator.rebuild() : await aggregator.pass(signal);
      expect(report.failures).toEqual([]);
    } finally {
      await aggregator.close();
      await warehouse.close();
    }
  }

  /** Makes Parquet files of silver's days, and removes their CSV objects. */
  async prune(): Promise<void> {
    const clock = { ...systemClock, now: () => new Date(Date.now() + 2 * PRUNED_AFTER_MS) };
    const compactor = createCompactor({ silver: this.lake.silver, quietMs: 0, csv: "prune", clock, logger });
    for (const step of ["compact", "prune"])
      expect((await compactor.pass(signal)).failures, step).toEqual([]);
  }

  view(options: Partial<PipelineViewOptions> = {}): PipelineView {
    const { lake, warehouseFile } = this;
    const view = createPipelineView({ lake, warehouseFile, clock: systemClock, logger, ...options });
    onTestFinished(() => view.close());
    return view;
  }

  /** What somebody sees who has just come. */
  async status(): Promise<PipelineStatus> {
    const view = this.view();
    try {
      return await seen(view, ({ layers }) => layers.bronze.objects !== null && layers.gold.objects !== null);
    } finally {
      await view.close();
    }
  }
}

/** The status as soon as something holds for it. */
export async function seen(
  view: PipelineView,
  holds: (status: PipelineStatus) => boolean,
): Promise<PipelineStatus> {
  let status = await view.status();
  await vi.waitFor(
    async () => {
      status = await view.status();
      expect(holds(status), JSON.stringify(status)).toBe(true);
    },
    { timeout: 10_000, interval: 20 },
  );
  return status;
}

/** A clock on which a second takes some milliseconds. */
export function fastClock(): Clock {
  let aheadMs = 0;
  return {
    now: () => new Date(Date.now() + aheadMs),
    sleep: async (ms, stop) => {
      await systemClock.sleep(ms / 200, stop);
      if (!stop?.aborted) aheadMs += ms;
    },
  };
}
