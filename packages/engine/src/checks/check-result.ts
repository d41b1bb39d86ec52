/** How a check that fails is taken: `warn` is told, `error` also keeps figures from being published. */
export type Severity = "warn" | "error";

/** What came of one check in one run. */
export interface CheckResult {
  /** The model that was checked: a silver dataset or a KPI. */
  model: string;
  layer: "silver" | "gold";
  /** Its name, in dbt's way: `not_null_order_date`, `row_count`, or the name that a free query was given. */
  check: string;
  severity: Severity;
  /** `broken` where the check itself could not be run. */
  status: "pass" | "fail" | "broken";
  /** Rows that fail; for `row_count` and `freshness` 1 where they do. `undefined` where the check is broken. */
  failing: number | undefined;
  /** What was expected and what was found, in words. */
  expected: string;
  actual: string;
  /** The SQL that selects the failing rows. */
  query: string;
  /** How long it took, in milliseconds. */
  tookMs: number;
}
