import type { RawRecord, RecordPlace, UnreadableRecord } from "../raw-record.ts";

/** Where a reader stands in its object: what it counts, and how far it has come. */
export type PlaceUnit = "line" | "index";

export const placeAt = (unit: PlaceUnit, position: number): RecordPlace =>
  unit === "line" ? { line: position } : { index: position };

/** Where a record stands, as bytes. */
export interface RecordSource {
  /** The record, decoded only where somebody asks: most records are never looked at again. */
  readonly raw: string;
  readonly bytes: Buffer;
  /**
   * For each known field where its value begins and ends in `bytes`, where that is a text that stands there as it is, in
   * UTF-8 without escapes; -1 where it is not.
   */
  readonly spans: Int32Array;
}

/** Takes what a reader finds, in the order of the file. */
export interface RecordSink {
  /**
   * A record by its known fields.
   *
   * @param values in the order of the known fields, `undefined` where the record has none; valid during the call only
   * @param position its line or index
   * @param source valid during the call only
   */
  values(values: readonly unknown[], position: number, source: RecordSource): void;
  /** A record with all its fields. */
  record(fields: Readonly<Record<string, unknown>>, place: RecordPlace, raw: string): void;
  /** A piece that is none. */
  reject(record: UnreadableRecord): void;
}

/** Collects records as objects. */
export class RecordList implements RecordSink {
  records: RawRecord[] = [];

  values(): never {
    throw new Error("a list wants all fields");
  }

  record(fields: Readonly<Record<string, unknown>>, place: RecordPlace, raw: string): void {
    this.records.push({ raw, place, fields });
  }

  reject(record: UnreadableRecord): void {
    this.records.push(record);
  }
}
