/** Why a reader could not make a record of a piece of a file. Stable codes; they become quarantine reasons. */
export type ReadReason =
  /** The whole object is not text in a known format: binary, another encoding, another format. */
  | "unreadable"
  /** A compressed object ends early or is corrupt; what came before the damage was read. */
  | "damaged_gzip"
  /** The piece is not valid JSON (cut off, unbalanced, a stray token). */
  | "invalid_json"
  /** Valid JSON, but not an object with fields. */
  | "not_an_object"
  /** A row with more values than the header has columns, or with a quote that never ends. */
  | "invalid_csv"
  /** Bytes that are not UTF-8. It takes precedence: a piece that is not JSON either has this reason. */
  | "invalid_utf8"
  /** Longer than a record may be. */
  | "record_too_large";

/** Where a record stands in its object: a line counted from 1 (CSV, JSON Lines) or an array index from 0. */
export type RecordPlace = { line: number } | { index: number };

export interface ReadableRecord {
  /** The record as it stands in the file, without its line end. */
  raw: string;
  place: RecordPlace;
  /**
   * Values by field name. From JSON: any JSON value, at most 64 levels deep, with numbers that a double cannot hold
   * exactly as their source text. From CSV: text; a column that the row does not have is absent.
   */
  fields: Readonly<Record<string, unknown>>;
}

export interface UnreadableRecord {
  raw: string;
  /** The bytes of the same piece in base64, where `raw` could not carry them (they are not UTF-8). */
  rawBase64?: string;
  /** True where only the beginning of the piece, 64 KiB at most, is in `raw`. */
  rawTruncated?: boolean;
  place: RecordPlace;
  problem: { reason: ReadReason; detail: string };
}

/**
 * One record of a file, or one piece of it that is none. Every byte is in one of them, but for blanks, delimiters and
 * a CSV header.
 */
export type RawRecord = ReadableRecord | UnreadableRecord;
