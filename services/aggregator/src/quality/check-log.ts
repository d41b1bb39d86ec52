import { createHash } from "node:crypto";
import { type Clock, IngotError, isTransient, type ObjectStore } from "@ingot/common";
import { csvLine, readCsv } from "@ingot/engine";
import type { CheckResult } from "@ingot/engine/checks";
import { keepVersion, pruneVersions } from "../gold-history.ts";

/** Where the results of checks lie in gold: each run's in a version, and the last one's under a name that stays. */
const FOLDER = "_quality/checks";
export const LATEST_CHECKS = "_quality/latest/checks.csv";

const DAY_MS = 24 * 60 * 60 * 1000;

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

export interface CheckLogOptions {
  gold: ObjectStore;
  /** Versions to keep. */
  history: number;
  /** Days after which older versions are deleted; `undefined` for never. */
  retentionDays: number | undefined;
  clock: Clock;
}

/** Keeps the results of checks in gold. A run that found what the one before it found, on the same KPIs, is no news. */
export class CheckLog {
  readonly #options: CheckLogOptions;
  /** What the newest run found. */
  #last: string | undefined;

  constructor(options: CheckLogOptions) {
    this.#options = options;
  }

  /** @param hashes the SHA-256 of each KPI's file, by name */
  async write(results: readonly CheckResult[], hashes: ReadonlyMap<string, string>): Promise<void> {
    const { gold, clock, history, retentionDays } = this.#options;
    const now = clock.now();
    const lines = results.map((result) => lineOf(result, hashes.get(result.model) ?? "", now));
    const news = newsIn(lines);
    if (news === this.#last) return;
    // Another aggregator, or this one before it was started again, may have found the same.
    this.#last = newsIn(await readChecks(gold));
    if (news === this.#last) return;
    const bytes = Buffer.from(
      [CHECK_COLUMNS, ...lines.map((line) => CHECK_COLUMNS.map((column) => line[column]))]
        .map((values) => csvLine(values))
        .join(""),
    );
    const file = { name: FOLDER, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
    const key = await keepVersion(gold, file, now);
    await gold.write(LATEST_CHECKS, bytes, { contentType: "text/csv; charset=utf-8" });
    this.#last = news;
    const writtenBefore = now.getTime() - (retentionDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
    await pruneVersions(gold, FOLDER, { keep: history, writtenBefore, current: key });
  }
}

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

function lineOf(result: CheckResult, sha256: string, now: Date): LoggedCheck {
  return {
    run_at: now.toISOString(),
    layer: result.layer,
    model: result.model,
    check: result.check,
    severity: result.severity,
    status: result.status,
    failing_rows: result.failing === undefined ? "" : String(result.failing),
    expected: result.expected,
    actual: result.actual,
    query: result.query,
    took_ms: result.tookMs.toFixed(3),
    kpi_sha256: result.layer === "gold" ? sha256 : "",
  };
}

function newsIn(lines: readonly LoggedCheck[]): string {
  return JSON.stringify(
    lines.map(({ layer, model, check, severity, status, failing_rows, kpi_sha256 }) => [
      ...[layer, model, check, severity, status, failing_rows, kpi_sha256],
    ]),
  );
}
