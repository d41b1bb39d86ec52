import type { Severity } from "./check-result.ts";

/**
 * What has to hold for the rows of a model, by dbt's names. As in files without types, an empty text counts as no
 * value.
 *
 * - `not_null`: every row has a value
 * - `unique`: no value comes twice
 * - `accepted_values`: every value is one of these, compared as text
 * - `relationships`: every value is in the column `field` of the model or table `to`
 * - `row_count`: there are at least `min` and at most `max` rows
 * - `freshness`: the greatest date or instant is at most `maxAgeMs` milliseconds old
 * - `sql`: a query that selects the rows that are wrong; `{{ this }}` in it is the model
 */
export type Test =
  | { kind: "not_null"; column: string }
  | { kind: "unique"; column: string }
  | { kind: "accepted_values"; column: string; values: readonly string[] }
  | { kind: "relationships"; column: string; to: string; field: string }
  | { kind: "row_count"; min: number | undefined; max: number | undefined }
  | { kind: "freshness"; column: string; maxAgeMs: number }
  | { kind: "sql"; sql: string };

export type TestKind = Test["kind"];

/** A test as it is declared for a model. */
export interface Check {
  /** Unique within its model: `not_null_order_date`, `row_count`. */
  name: string;
  severity: Severity;
  test: Test;
}
