import type { Pipeline } from "@ingot/engine/batch";
import { describe, expect, test } from "vitest";
import { parseExpectations } from "../../src/batch/expectations.ts";

const sql = new URL("file:///none.sql");
const PIPELINE: Pipeline = {
  name: "shop",
  summary: "",
  tables: [
    { kind: "model", name: "clean_erp", from: [], sql },
    { kind: "model", name: "revenue", from: [], sql, measures: { total: "select 1", mean: "select 2" } },
  ],
  deliverables: [],
  schedule: { retries: { most: 0, delayMs: 0 }, timeoutMs: 1 },
};

const parsed = (text: string) => parseExpectations(text, "expected.yml", PIPELINE);

describe("a file of expected values", () => {
  test("gives them by table and figure, each number as it is written", () => {
    expect(parsed("clean_erp: { rows: 825 }\nrevenue: { total: 70568.60, tolerance: 0.01 }")).toEqual([
      { table: "clean_erp", measure: "rows", value: "825" },
      { table: "revenue", measure: "total", value: "70568.60", tolerance: "0.01" },
    ]);
  });

  test("takes a number alone for rows, and names as people write them", () => {
    expect(
      parsed("Clean ERP: 1_825 # all of them\n'REVENUE':\n  Total: '12345678901234567.10'\n  mean: -3"),
    ).toEqual([
      { table: "clean_erp", measure: "rows", value: "1825" },
      { table: "revenue", measure: "total", value: "12345678901234567.10" },
      { table: "revenue", measure: "mean", value: "-3" },
    ]);
  });

  test("takes the beginning of a name that only one has", () => {
    expect(parsed("rev: { tot: 5 }")).toEqual([{ table: "revenue", measure: "total", value: "5" }]);
    expect(() => parsed("revenue: { '': 5 }")).toThrow("is not a figure");
  });

  test("has a tolerance for each figure, or one for all of a table", () => {
    expect(parsed("revenue: { total: { value: 5, tolerance: 1 }, mean: 2, tolerance: 0.5 }")).toEqual([
      { table: "revenue", measure: "total", value: "5", tolerance: "1" },
      { table: "revenue", measure: "mean", value: "2", tolerance: "0.5" },
    ]);
  });

  test.each([
    ["clean_erq: 5", '"clean_erq" is not a table; there are clean_erp, revenue'],
    ["revenue: { sum: 5 }", '"sum" is not a figure of revenue; there are rows, total, mean'],
    ["revenue: { total: many }", 'total of revenue is "many"'],
    ["revenue: { total: [5] }", "total of revenue is no single value"],
    ["revenue: { total: 1e5 }", '"1e5"'],
    ["revenue: { total: '1,5' }", '"1,5"'],
    ["revenue: { tolerance: 5 }", "revenue has no figure; it may have rows, total, mean"],
    ["revenue: { total: 5, tolerance: -1 }", "less than 0"],
    ["revenue: { total: { value: 5, within: 1 } }", '"within"'],
    ["revenue: { total: 5, Total: 6 }", "total of revenue stands there twice"],
    ["- revenue", "no map"],
    ["", "nothing"],
    ["{}", "nothing"],
    ["a: 1\n---\nb: 2", "more than one document"],
    ["clean_erp: {\n", "line 2"],
  ])("is refused with what would be right: %j", (text, words) => {
    const message = expect.stringMatching(
      new RegExp(`^expected\\.yml: .*${RegExp.escape(words)}.*revenue: \\{ mean: 825 \\}`, "s"),
    );
    expect(() => parsed(text)).toThrow(expect.objectContaining({ code: "usage", message }));
  });
});
