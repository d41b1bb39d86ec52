import { CsvBuffer, type RecordSource } from "@ingot/engine";
import type { CleanRecord, Dataset } from "@ingot/pipelines";
import { IdentityWriter, type Span } from "./identities.ts";

/** What became of a part of an object. Its bytes are valid until whoever made it goes on. */
export interface CleanedPart {
  /** The silver rows, without a header. */
  rows: Buffer;
  /** Where each row ends in `rows`; empty for a dataset in which every row counts. */
  rowEnds: Uint32Array;
  rowCount: number;
  /** Entries of the rows' identities and versions, whose rows count from the part's beginning. */
  identities: Buffer;
  /** What follows a rejected record's place in its line of quarantine. */
  rejections: Buffer;
  rejectionEnds: Uint32Array;
  /** The lines or indexes of the rejected records. */
  rejectedAt: Float64Array;
  /** Rejected records by reason. */
  reasons: Record<string, number>;
}

/** Collects a part, in memory that is used again for the next one. */
export class PartWriter {
  readonly #rows: CsvBuffer;
  readonly #rowEnds = new Numbers(Uint32Array);
  readonly #identities: IdentityWriter;
  readonly #rejectionEnds = new Numbers(Uint32Array);
  readonly #rejectedAt = new Numbers(Float64Array);
  #rejections: string[] = [];
  #rejectionBytes = 0;
  #rowCount = 0;
  #reasons: Record<string, number> = {};

  /** The columns in which the last row had its identity and its version. */
  #identityColumn = 0;
  #versionColumn = 0;

  /** @param identitySeed see IdentityWriter */
  constructor({ bronzeFields, silverColumns }: Dataset, identitySeed: number) {
    this.#rows = new CsvBuffer(silverColumns.map((name) => bronzeFields.indexOf(name)));
    this.#identities = new IdentityWriter(identitySeed);
  }

  /** True where nothing was collected. */
  get isEmpty(): boolean {
    return this.#rowCount === 0 && this.#rejectedAt.length === 0;
  }

  /**
   * @param given the values of the known fields, of which the record was made
   * @param source where they stand
   */
  keep(record: CleanRecord, given: readonly unknown[], source: RecordSource): void {
    const hasEnds = this.#rows.append(record.values, given, source);
    if (record.identity !== undefined) {
      if (hasEnds) this.#identify(record, record.identity);
      else this.#identities.add(record.identity, record.version, this.#rowCount);
      this.#rowEnds.push(this.#rows.length);
    }
    this.#rowCount += 1;
  }

  /** Adds the identity of the last row, of which the columns have all the bytes. */
  #identify({ values, version }: CleanRecord, identity: string): void {
    if (values[this.#identityColumn] !== identity) this.#identityColumn = values.indexOf(identity);
    if (version !== "" && values[this.#versionColumn] !== version)
      this.#versionColumn = values.indexOf(version);
    const isThere = this.#identityColumn !== -1 && (version === "" || this.#versionColumn !== -1);
    if (!isThere) {
      this.#identities.add(identity, version, this.#rowCount);
      return;
    }
    const { ends, start, bytes } = this.#rows;
    const spanOf = (column: number): Span => ({
      from: column === 0 ? start : ends[column - 1]! + 1,
      to: ends[column]!,
    });
    const none = { from: 0, to: 0 };
    const versionSpan = version === "" ? none : spanOf(this.#versionColumn);
    this.#identities.addBytes(bytes, spanOf(this.#identityColumn), versionSpan, this.#rowCount);
  }

  /** @param line what quarantine tells of the record beside its place */
  reject(position: number, line: { reason: string; [name: string]: unknown }): void {
    const { reason } = line;
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    const text = `,${JSON.stringify(line).slice(1)}\n`;
    this.#rejections.push(text);
    this.#rejectionBytes += Buffer.byteLength(text);
    this.#rejectionEnds.push(this.#rejectionBytes);
    this.#rejectedAt.push(position);
  }

  /** What was collected; `clear` has to follow before more is. */
  part(): CleanedPart {
    return {
      rows: this.#rows.bytes,
      rowEnds: this.#rowEnds.values,
      rowCount: this.#rowCount,
      identities: this.#identities.bytes,
      rejections: Buffer.from(this.#rejections.join("")),
      rejectionEnds: this.#rejectionEnds.values,
      rejectedAt: this.#rejectedAt.values,
      reasons: this.#reasons,
    };
  }

  clear(): void {
    this.#rows.clear();
    this.#rowEnds.length = 0;
    this.#identities.clear();
    this.#rejections = [];
    this.#rejectionBytes = 0;
    this.#rejectionEnds.length = 0;
    this.#rejectedAt.length = 0;
    this.#rowCount = 0;
    this.#reasons = {};
  }
}

/** A list of numbers that grows. */
class Numbers<T extends Uint32Array | Float64Array> {
  length = 0;
  readonly #make: new (
    length: number,
  ) => T;
  #values: T;

  constructor(make: new (length: number) => T) {
    this.#make = make;
    this.#values = new make(64);
  }

  get values(): T {
    return this.#values.subarray(0, this.length) as T;
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new this.#make(2 * this.length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length++] = value;
  }
}
