import { type Clock, IngotError, isTransient } from "@ingot/common";
import {
  type Check,
  type CheckResult,
  failingRows,
  isRowTest,
  judged,
  type RowTest,
  runChecks,
} from "@ingot/engine/checks";
import type { SilverChecks } from "@ingot/pipelines";
import type { Warehouse, WatchedTable } from "@ingot/warehouse";

/** A check that only warns may take this part of the time at the most, beside everything else, and there is no hurry. */
const WARN_SHARE = 1 / 20;
const WARN_EVERY_MS = 30_000;

export interface SilverChecker {
  /**
   * Runs the checks on what is in the warehouse now. Those of severity `error` are always up to date; of the others,
   * those that would take too long answer what they found last, and nothing before they ran for the first time.
   *
   * @param isThorough run all of them, and wait for it
   * @throws IngotError of the warehouse where it cannot be asked now
   */
  run(silver: readonly SilverChecks[], options: { isThorough: boolean }): Promise<CheckResult[]>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

interface Kept {
  revision: string;
  /** Rounded to minutes where the check depends on the time. */
  minute: number;
  result: CheckResult;
  /** When it may run again, in milliseconds since 1970. */
  dueMs: number;
}

type OneCheck = { dataset: SilverChecks["dataset"]; check: Check };

/**
 * Runs checks of silver's datasets over the warehouse's tables. Tests that ask each row alone are counted along with every
 * step; others read a whole table, in a thread of their own.
 */
export function createSilverChecker(warehouse: Warehouse, clock: Clock): SilverChecker {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<void>>();

  const idOf = ({ dataset, check }: OneCheck): string => JSON.stringify([dataset, check]);

  const countedAlong = async (checks: readonly OneCheck[]): Promise<CheckResult[]> => {
    const conditionOf = ({ dataset, check }: OneCheck) => ({
      table: dataset as WatchedTable,
      condition: failingRows(check.test as RowTest),
    });
    const start = performance.now();
    try {
      const counts = await warehouse.countRows(checks.map(conditionOf));
      const tookMs = (performance.now() - start) / checks.length;
      const now = clock.now();
      return checks.map(({ dataset, check }, index) =>
        judged(check, { model: dataset, layer: "silver" }, { value: counts[index], now, tookMs }),
      );
    } catch (error) {
      if (isTransient(error) || !(error instanceof IngotError)) throw error;
      // One of them names a column that is not there: run alone, each says for itself what is wrong with it.
      const revision = await warehouse.revision();
      for (const each of checks) if (!isCurrent(each, revision)) await overAll(each);
      return checks.map((each) => kept.get(idOf(each))!.result);
    }
  };

  const overAll = async (each: OneCheck, isAside = true): Promise<Kept> => {
    const revision = await warehouse.revision();
    const now = clock.now();
    const [result] = await runChecks({ model: each.dataset, layer: "silver" }, [each.check], {
      query: (sql) => (isAside ? warehouse.queryAside(sql) : warehouse.query(sql)),
      now,
    });
    const dueMs = clock.now().getTime() + Math.max(WARN_EVERY_MS, result!.tookMs / WARN_SHARE);
    const found = { revision, minute: minuteOf(each.check, now), result: result!, dueMs };
    kept.set(idOf(each), found);
    return found;
  };

  const isCurrent = (each: OneCheck, revision: string): boolean => {
    const found = kept.get(idOf(each));
    return found?.revision === revision && found.minute === minuteOf(each.check, clock.now());
  };

  const startAside = (each: OneCheck): void => {
    const id = idOf(each);
    // One at a time: over a long history several would leave the passes no core.
    if (underWay.size > 0 || (kept.get(id)?.dueMs ?? 0) > clock.now().getTime()) return;
    const work = overAll(each)
      // What cannot be asked now will be asked again.
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => underWay.delete(id));
    underWay.set(id, work);
  };

  const run: SilverChecker["run"] = async (silver, { isThorough }) => {
    const all = silver.flatMap(({ dataset, checks }) => checks.map((check) => ({ dataset, check })));
    const isCounted = ({ dataset, check }: OneCheck) => dataset !== "objects" && isRowTest(check.test);
    const alongside = all.filter(isCounted);
    const results = new Map<OneCheck, CheckResult>();
    if (alongside.length > 0) {
      const found = await countedAlong(alongside);
      for (const [index, each] of alongside.entries()) results.set(each, found[index]!);
    }
    const revision = await warehouse.revision();
    for (const each of all.filter((one) => !isCounted(one))) {
      const mustBeCurrent = isThorough || each.check.severity === "error";
      if (!isCurrent(each, revision)) {
        // Where all of them are awaited, nothing else waits for the process.
        if (mustBeCurrent) await overAll(each, !isThorough);
        else startAside(each);
      }
      const found = kept.get(idOf(each));
      if (found) results.set(each, found.result);
    }
    return all.flatMap((each) => results.get(each) ?? []);
  };

  const close: SilverChecker["close"] = async () => {
    await Promise.all(underWay.values());
  };
  return { run, close };
}

/** What a check depends on beside the rows: how fresh they are changes by itself. */
export function minuteOf({ test }: Check, now: Date): number {
  return test.kind === "freshness" ? Math.floor(now.getTime() / 60_000) : 0;
}
