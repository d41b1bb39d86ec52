import type { FormatOptions, RawRecord, RecordSink, RecordSource } from "@ingot/engine";
import { DATASETS, type DatasetName, FIELDS, type Fields, RULES, type RuleContext } from "@ingot/pipelines";
import type { PartWriter } from "./cleaned-part.ts";

type Place = RawRecord["place"];
type Unreadable = Extract<RawRecord, { problem: unknown }>;

const positionOf = (place: Place): number => ("line" in place ? place.line : place.index);

const NO_BYTES = Buffer.alloc(0);

/** Cleans what a reader finds: each record by its dataset's rule, into a part. */
export class RecordCleaner implements RecordSink {
  readonly #fieldsOf: (values: readonly unknown[]) => Fields;
  readonly #knownFields: readonly string[];
  readonly #clean: (fields: Fields) => ReturnType<(typeof RULES)[DatasetName]>;
  readonly #noSpans: Int32Array;
  readonly #out: PartWriter;

  constructor(dataset: DatasetName, context: RuleContext, out: PartWriter) {
    const rule = RULES[dataset];
    this.#clean = (fields) => rule(fields, context);
    this.#fieldsOf = FIELDS[dataset];
    this.#knownFields = DATASETS[dataset].bronzeFields;
    this.#noSpans = new Int32Array(2 * this.#knownFields.length).fill(-1);
    this.#out = out;
  }

  values(values: readonly unknown[], position: number, source: RecordSource): void {
    const outcome = this.#clean(this.#fieldsOf(values));
    if ("reason" in outcome) this.#out.reject(position, { reason: outcome.reason, raw: source.raw });
    else this.#out.keep(outcome, values, source);
  }

  record(fields: Fields, place: Place, raw: string): void {
    this.values(
      this.#knownFields.map((name) => fields[name]),
      positionOf(place),
      { raw, bytes: NO_BYTES, spans: this.#noSpans },
    );
  }

  reject({ raw, rawBase64, rawTruncated, place, problem }: Unreadable): void {
    const { reason, detail } = problem;
    const cut = rawTruncated ? true : undefined;
    this.#out.reject(positionOf(place), { reason, detail, raw, raw_base64: rawBase64, raw_truncated: cut });
  }
}

/** How readers read a dataset's records for its rule. */
export const formatOptionsOf = (dataset: DatasetName, maxRecordBytes: number): FormatOptions => ({
  knownFields: DATASETS[dataset].bronzeFields,
  onlyKnownFields: true,
  maxRecordBytes,
});
