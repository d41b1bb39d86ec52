import { type Alarms, IngotError } from "@ingot/common";
import type { CheckResult } from "@ingot/engine/checks";

/** What failed, where, what was expected and what was found. */
export function checkError(result: CheckResult): IngotError {
  const text = `${titleOf(result)}. Gold keeps its last good version until it passes.\n${detailsOf(result)}`;
  return new IngotError("check_failed", text, { context: { layer: result.layer, key: result.model } });
}

/** Raises an alarm for each check that does not pass, and ends those of all others. */
export function alarmChecks(alarms: Alarms, results: readonly CheckResult[]): void {
  const { failing = [], passing = [] } = Object.groupBy(results, ({ status }) =>
    status === "pass" ? "passing" : "failing",
  );
  for (const result of failing) {
    alarms.raise({
      id: idOf(result),
      severity: result.severity,
      title: titleOf(result),
      details: detailsOf(result),
    });
  }
  for (const result of passing) alarms.clear(idOf(result));
  const known = new Set(results.map(idOf));
  for (const { id } of alarms.active()) if (id.startsWith(PREFIX) && !known.has(id)) alarms.clear(id);
}

const PREFIX = "check/";
const idOf = ({ model, check }: CheckResult): string => `${PREFIX}${model}/${check}`;

function titleOf({ model, check, layer, status, actual }: CheckResult): string {
  const what = status === "broken" ? "cannot be run" : `failed: ${actual}`;
  return `Check ${check} of ${layer}'s ${model} ${what}`;
}

function detailsOf({ expected, actual, query }: CheckResult): string {
  return `Expected: ${expected}. Found: ${actual}. Query: ${query}`;
}
