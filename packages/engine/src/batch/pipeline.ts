import type { ObjectInfo } from "@ingot/common";
import type { Deliverable } from "./deliverable.ts";
import type { Rule, RuleContext, SourceField } from "./source-record.ts";

/**
 * A business that works in batches: its files in bronze, the tables that they become in silver, and what leaves through
 * gold. A pipeline is a folder whose `pipeline.ts` declares this; nothing else in the product knows of it.
 *
 * Everything of a pipeline lies in the folder of its name, in each layer.
 */
export interface Pipeline {
  /** Its folder in each layer, and its name on the command line: `wine-merchant`. */
  name: string;
  /** What it does, in one line. */
  summary: string;
  /** Of its code: tables that other code made are made anew. Whoever loads a pipeline sets it. */
  version?: string;
  /** How the business cuts its data into runs of their own; absent where each run is about everything. */
  periods?: Periods;
  /** In an order in which each stands after those that it is made of. */
  tables: readonly Table[];
  /** What gold gets, published together and only when every check passed. */
  deliverables: readonly Deliverable[];
  schedule: Schedule;
  /** The base name of a file of expected values that may lie beside a month's files, for runs that nobody gives one. */
  expected?: RegExp;
}

/**
 * - `month`: the objects of a month make tables and deliverables of their own; earlier months stay. The month stands in
 *   the object's key.
 * - `day`: rows carry their day, and an object may have rows of any. Tables lie in a file for each day, and only days whose
 *   rows changed are computed anew; deliverables are about all of them.
 */
export type Periods = { kind: "month"; monthOf(object: ObjectInfo): string } | { kind: "day" };

export type Table = SourceTable | ModelTable;

interface TableBase {
  /** Its name in SQL, in silver and in messages. */
  name: string;
  /**
   * Its checks, in the form of dbt's properties; one of severity `error` that fails stops all that is made of the table.
   * Its rows are named by the table's name or `{{ this }}`.
   */
  checks?: URL;
  /**
   * Figures of the table that a file of expected values may name, by their names: a query of one value each. `rows` is
   * always there.
   */
  measures?: Readonly<Record<string, string>>;
}

/** A table of rows that come from files in bronze, record by record. */
export interface SourceTable extends TableBase {
  kind: "source";
  /** What people call it: `the shops' list`. For messages. */
  title: string;
  /** The base names of its files, by which a pipeline's files are told from each other. */
  files: RegExp;
  /** The names that its files may have for it, for those who import: `ventes.csv`. */
  example: string;
  /** What a record has in a file. */
  fields: readonly SourceField[];
  /** Where several files are there: only the one that arrived last counts, or all of them. */
  merge: "newest" | "all";
  /**
   * What a file stands for, where one that comes later is meant to take its place, such as the file of a day that is
   * delivered again. Files for which it answers nothing count beside each other.
   */
  deliveryOf?(key: string): string | undefined;
  /** A run without any file of it is no failure; the table is empty then. */
  isOptional?: boolean;
  /** The columns that rows get, with DuckDB's types, in their order. */
  columns: Readonly<Record<string, string>>;
  /**
   * Of rows with the same values in these columns one stays: the first or the last that arrived. In a table that is cut
   * into days each day is for itself.
   */
  unique?: { columns: readonly string[]; keep: "first" | "last" };
  /** The column with a row's day, where the pipeline's periods are days and the table is cut into them. */
  day?: string;
  /** Tables that the rule looks into. */
  from?: readonly string[];
  /** Makes the rule for the records of a run. */
  rule(context: RuleContext): Rule | Promise<Rule>;
}

/** A table that a query makes of other tables. */
export interface ModelTable extends TableBase {
  kind: "model";
  from: readonly string[];
  /** The file with the query, in DuckDB's SQL; it names the tables of `from`. */
  sql: URL;
  /**
   * The column with a row's day, where the pipeline's periods are days and the table is cut into them. The query sees some
   * days of the tables of `from` that are cut too, and all of the others; its rows of a day may depend on that day alone.
   * Without it the query sees everything.
   */
  day?: string;
  /**
   * Its columns with DuckDB's types, where a run adds to what was published before: the query finds that in the table
   * `<name>_before`, empty at first, and the run in `getvariable('run_id')` and `getvariable('run_at')`. The CSV
   * deliverable of its name is where it is kept.
   */
  history?: Readonly<Record<string, string>>;
}

export interface Schedule {
  /** Five fields, as cron has them. Absent for a pipeline that runs on arrival only. */
  cron?: string;
  /** IANA name; UTC where it is absent. */
  timezone?: string;
  /** Runs also as soon as its files in bronze have changed. */
  onArrival?: boolean;
  /** Attempts after one that failed for a reason that may pass, and the milliseconds before the first of them. */
  retries: { most: number; delayMs: number };
  /** Milliseconds after which a run is given up. */
  timeoutMs: number;
}
