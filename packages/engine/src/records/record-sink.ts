import type { RawRecord, RecordPlace, UnreadableRecord } from "../raw-record.ts";
import type { Cells } from "./cells.ts";

/** Where a reader stands in its object: what it counts, and how far it has come. */
export type PlaceUnit = "line" | "index";

export const placeAt = (unit: PlaceUnit, position: number): RecordPlace =>
  unit === "line" ? { line: position } : { index: position };

/** A record as it stands in its file. */
export interface RecordSource {
  /** Decoded only where somebody asks: most records are never looked at again. */
  readonly raw: string;
}

/** The same, with its place in the bytes of its values. */
export interface PlacedSource extends RecordSource {
  readonly givenStart: number;
  readonly givenEnd: number;
}

/** Takes what a reader finds, in the order of the file. */
export interface RecordSink {
  /**
   * A record by its known fields.
   *
   * @param values in the order of the known fields; valid during the call only, and the sink's to change
   * @param position its line or index
   * @param source valid during the call only
   */
  values(values: Cells, position: number, source: PlacedSource): void;
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
