import { createHash } from "node:crypto";
import type { Clock, ObjectStore } from "@ingot/common";
import { csvLine } from "@ingot/engine";
import type { CheckResult } from "@ingot/engine/checks";
import { CHECK_COLUMNS, LATEST_CHECKS, type LoggedCheck, readChecks } from "@ingot/pipelines";
import { keepVersion, pruneVersions } from "../gold-history.ts";

/** Where the results of each run lie in gold as a version; the last one's are under a name that stays as well. */
const FOLDER = "_quality/checks";

const DAY_MS = 24 * 60 * 60 * 1000;

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
