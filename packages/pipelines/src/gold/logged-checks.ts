import { IngotError, isTransient, type ObjectStore } from "@ingot/common";
import { readCsv } from "@ingot/engine";
import type { CheckResult } from "@ingot/engine/checks";

/** Where what the newest run of checks found lies in gold. */
export const LATEST_CHECKS = "_quality/latest/checks.csv";

export const CHECK_COLUMNS = [
  "run_at",
  "layer",
  "model",
  "check",
  "severity",
  "status",
  "failing_rows",
  "expected",
  "actual",
  "query",
  "took_ms",
  "kpi_sha256",
] as const;
type Column = (typeof CHECK_COLUMNS)[number];

/** A line of the results, as text. `kpi_sha256` is the hash of the KPI's file that was checked, as in the manifest. */
export type LoggedCheck = Record<Column, string>;

/** What the newest run of checks found; nothing where there was none. @throws IngotError of the storage */
export async function readChecks(gold: ObjectStore): Promise<LoggedCheck[]> {
  try {
    const { body } = await gold.read(LATEST_CHECKS);
    const rows = (await Array.fromAsync(readCsv(body, CHECK_COLUMNS))).flat();
    return rows.map(
      (row) => Object.fromEntries(CHECK_COLUMNS.map((column, index) => [column, row[index]])) as LoggedCheck,
    );
  } catch (error) {
    // Written by another version, or by hand: as good as none.
    if (isTransient(error) || (error instanceof IngotError && error.code === "storage_denied")) throw error;
    return [];
  }
}

/** True for a check whose result keeps figures from being published. A check that cannot be run vouches for nothing. */
export function isStopping({
  severity,
  status,
}: Pick<CheckResult, "severity" | "status"> | Pick<LoggedCheck, "severity" | "status">): boolean {
  return severity === "error" && status !== "pass";
}
