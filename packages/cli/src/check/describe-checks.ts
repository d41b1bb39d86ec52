import type { CheckResult } from "@ingot/engine/checks";
import { tableLines } from "../query/text-table.ts";

/** What a check needs to be told of to people. */
type Told = Readonly<
  Record<
    keyof Pick<
      CheckResult,
      "layer" | "model" | "check" | "severity" | "status" | "expected" | "actual" | "query"
    >,
    string
  >
>;

/** All checks as a table, and of those that did not pass what was expected and the query that shows it. */
export function describeChecks(results: readonly Told[]): string {
  const columns = ["", "layer", "model", "check", "found"].map((name) => ({ name, kind: "text" as const }));
  const rows = results.map((result) => [
    markOf(result),
    result.layer,
    result.model,
    result.check,
    result.actual,
  ]);
  const width = process.stdout.isTTY ? process.stdout.columns : undefined;
  return [...tableLines({ columns, rows, width }).lines, "", ...summaryOf(results)].join("\n");
}

/** A line that counts them, and some for each that did not pass. */
export function summaryOf(results: readonly Told[]): string[] {
  const count = (mark: string): number => results.filter((result) => markOf(result) === mark).length;
  const counts = [`${count("pass")} passed`, `${count("warn")} warned`, `${count("FAIL")} failed`];
  const others = results.filter(({ status }) => status !== "pass");
  return [
    `Checks: ${counts.join(", ")}`,
    ...others.flatMap((result) => [
      `  ${markOf(result)}  ${result.check} of ${result.layer}'s ${result.model}: ${result.actual}`,
      `        expected: ${result.expected}`,
      `        query: ${result.query.replace(/\s+/g, " ")}`,
    ]),
  ];
}

const markOf = ({ severity, status }: Told): string =>
  status === "pass" ? "pass" : severity === "warn" ? "warn" : "FAIL";
