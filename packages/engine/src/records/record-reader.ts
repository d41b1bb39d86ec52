import type { RawRecord, RecordPlace } from "../raw-record.ts";

/** Reads one format, from bytes that come in pieces. */
export interface RecordReader {
  /**
   * Takes the records that it can from `bytes`, which begin where the last call stopped, and appends them to `out`.
   * What it makes of a byte never depends on where `bytes` ends: where that matters, it waits for more.
   *
   * @param final true where nothing follows; then every byte is consumed
   * @returns how many bytes are consumed
   */
  read(bytes: Buffer, final: boolean, out: RawRecord[]): number;

  /** The place of whatever comes next. */
  readonly place: RecordPlace;
}
