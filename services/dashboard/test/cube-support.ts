import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLogger, systemClock } from "@ingot/common";
import { SqliteWarehouse } from "@ingot/warehouse";
import { onTestFinished } from "vitest";
import type { SalesFilter, SalesReport } from "../src/api/contract.ts";
import { openSalesCube, type SalesCube } from "../src/cube/index.ts";

export const LIMITS = { timeoutMs: 20_000 };
export const QUIET = createLogger({ logLevel: "silent", logFormat: "json" }, "test");

/** The path of a warehouse that is not there yet. */
export function newWarehouseFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-cube-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, "ecommerce.sqlite");
}

export function openCube(file: string, timezone = "UTC", now = new Date()): SalesCube {
  const clock = { ...systemClock, now: () => now };
  const cube = openSalesCube({ file, timezone, clock, logger: QUIET });
  onTestFinished(() => cube.close());
  return cube;
}

export function openWarehouse(file: string): SqliteWarehouse {
  const warehouse = SqliteWarehouse.open({ file, lakeUrl: "the lake around it" });
  onTestFinished(() => warehouse.close());
  return warehouse;
}

/** A report with everything in it. */
export async function countedReport(cube: SalesCube, filter: SalesFilter): Promise<SalesReport> {
  for (;;) {
    const report = await cube.report(filter, LIMITS);
    if (report.counting === undefined) return report;
  }
}
