import type { Cells } from "@ingot/engine/records";
import { type RejectSample, SilverRows } from "@ingot/pipelines/silver";
import { IdentityWriter } from "./identities.ts";

/** What became of a part of an object. Its bytes are valid until whoever made it goes on. */
export interface CleanedPart {
  /** The silver rows, without a header. */
  rows: Buffer;
  /** Where each row ends in `rows`; empty for a dataset in which every row counts. */
  rowEnds: Uint32Array;
  rowCount: number;
  /** Entries of the rows' identities and versions, whose rows count from the part's beginning, by their groups. */
  identities: Buffer;
  /** Where each group ends in `identities`. */
  identityEnds: Uint32Array;
  /** What follows a rejected record's place in its line of quarantine. */
  rejections: Buffer;
  rejectionEnds: Uint32Array;
  /** The lines or indexes of the rejected records. */
  rejectedAt: Float64Array;
  /** Rejected records by reason. */
  reasons: Record<string, number>;
  /** The first of them by reason. */
  samples: Record<string, PartSample>;
}

/** What was wrong in a rejected record. */
export interface PartSample {
  /** Its line or index, as in `rejectedAt`. */
  position: number;
  field: string | undefined;
  value: string | undefined;
}

/** Collects a part, in memory that is used again for the next one. */
export class PartWriter {
  /** Where rules write the row of a record that they keep. */
  readonly rows = new SilverRows();
  readonly #rowEnds = new Numbers(Uint32Array);
  readonly #identities: IdentityWriter;
  readonly #rejectionEnds = new Numbers(Uint32Array);
  readonly #rejectedAt = new Numbers(Float64Array);
  #rejections: string[] = [];
  #rejectionBytes = 0;
  #rowCount = 0;
  #reasons: Record<string, number> = {};
  #samples: Record<string, PartSample> = {};

  /** @param identitySeed see IdentityWriter */
  constructor(identitySeed: number) {
    this.#identities = new IdentityWriter(identitySeed);
  }

  /** True where nothing was collected. */
  get isEmpty(): boolean {
    return this.#rowCount === 0 && this.#rejectedAt.length === 0;
  }

  /** Takes the row that a rule has written of a record. */
  keep(record: Cells): void {
    const { csv, identityField, version, subversion } = this.rows;
    csv.endRow();
    if (identityField !== -1) {
      this.#identities.add(record, identityField, version, subversion, this.#rowCount);
      this.#rowEnds.push(csv.length);
    }
    this.#rowCount += 1;
  }

  /** True where no record was rejected yet for this reason. */
  isNew(reason: string): boolean {
    return this.#reasons[reason] === undefined;
  }

  /** Takes what may be told outside of quarantine of the first record that is rejected for a reason. */
  sample(position: number, reason: string, { field, value }: RejectSample): void {
    this.#samples[reason] = { position, field, value };
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
    const identities = this.#identities.grouped();
    return {
      rows: this.rows.bytes,
      rowEnds: this.#rowEnds.values,
      rowCount: this.#rowCount,
      identities: identities.bytes,
      identityEnds: identities.ends,
      rejections: Buffer.from(this.#rejections.join("")),
      rejectionEnds: this.#rejectionEnds.values,
      rejectedAt: this.#rejectedAt.values,
      reasons: this.#reasons,
      samples: this.#samples,
    };
  }

  clear(): void {
    this.rows.clear();
    this.#rowEnds.length = 0;
    this.#identities.clear();
    this.#rejections = [];
    this.#rejectionBytes = 0;
    this.#rejectionEnds.length = 0;
    this.#rejectedAt.length = 0;
    this.#rowCount = 0;
    this.#reasons = {};
    this.#samples = {};
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
