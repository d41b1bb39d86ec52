import type { PlaceUnit, RecordSink } from "./record-sink.ts";

/** Reads one format, from bytes that come in pieces. */
export interface RecordReader {
  /**
   * Takes the records that it can from `bytes`, which begin where the last call stopped, and gives them to `out`.
   * What it makes of a byte never depends on where `bytes` ends: where that matters, it waits for more.
   *
   * @param final true where nothing follows; then every byte is consumed
   * @returns how many bytes are consumed
   */
  read(bytes: Buffer, final: boolean, out: RecordSink): number;

  readonly unit: PlaceUnit;

  /** The names of the fields that it came by without reading a record in full, see `ContentShape`. */
  readonly names: ReadonlyMap<string, number>;

  /** Where in the bytes of `read` stands what was given last. */
  readonly givenStart: number;
  readonly givenEnd: number;

  /** The line or index of whatever comes next. */
  position: number;

  /**
   * True between two records where nothing that came before matters for what follows: a new reader that is given the
   * same position and header would go on alike. It is what allows to read the parts of a file independently.
   */
  readonly isBetweenRecords: boolean;
}
