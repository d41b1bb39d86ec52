import type { RecordPlace } from "../raw-record.ts";

/** A field of a source's records. */
export interface SourceField {
  /** Its name in rules. */
  name: string;
  /** What files call it, in any case, with or without accents; its own name counts too. */
  aliases?: readonly string[];
  /** A file without it cannot be of this source. Usual for what rules cannot do without. */
  isRequired?: boolean;
}

/** A record of a file, whatever the file's format. */
export interface SourceRecord {
  /**
   * Values in the order of the source's fields. Text is as it stands in the file, a number has all its digits (`24.2`,
   * `15298`), a date or instant is ISO 8601, a truth value is `true` or `false`. Nothing: absent, null, an empty cell. A
   * nested value is its JSON.
   */
  values: readonly (string | undefined)[];
}

/** A row of the table, in the order of its columns, as DuckDB reads them from text; `null` for no value. */
export type Row = readonly (string | null)[];

/** Why a readable record is not kept: a stable code that users find in quarantine, such as `unknown_product`. */
export type RejectReason = string;

/**
 * Makes a row of a record, or says why it is not kept. A record that is no record at all, such as a blank row between
 * others, is neither: `undefined`, which is counted as dropped.
 */
export type Rule = (record: SourceRecord) => Row | RejectReason | undefined;

/** What a rule may ask. */
export interface RuleContext {
  /**
   * The values of a column of a table that the source names in `from`, as text. To be asked while the rule is made: where
   * they differ from those of an earlier run, all files are read again.
   */
  valuesOf(table: string, column: string): Promise<ReadonlySet<string>>;
}

/** A piece of a file as a reader gives it: a record, or what is none. */
export type SourcePiece = { place: RecordPlace; raw: string } & (
  | { record: SourceRecord }
  | { problem: { reason: RejectReason; detail: string }; rawBase64?: string; rawTruncated?: boolean }
);
