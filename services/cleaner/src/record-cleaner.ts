import {
  Cells,
  type FormatOptions,
  type RawRecord,
  type RecordSink,
  type RecordSource,
} from "@ingot/engine/records";
import {
  DATASETS,
  type DatasetName,
  ECOMMERCE,
  type Rule,
  type RuleContext,
  sampleOf,
} from "@ingot/pipelines/silver";
import type { PartWriter } from "./cleaned-part.ts";
import type { ValueSample } from "./value-sample.ts";

type Place = RawRecord["place"];
type Unreadable = Extract<RawRecord, { problem: unknown }>;

const positionOf = (place: Place): number => ("line" in place ? place.line : place.index);

/** Cleans what a reader finds: each record by its dataset's rule, into a part. */
export class RecordCleaner implements RecordSink {
  readonly #dataset: DatasetName;
  readonly #rule: Rule;
  readonly #context: RuleContext;
  readonly #knownFields: readonly string[];
  readonly #cells: Cells;
  readonly #out: PartWriter;
  readonly #sample: ValueSample | undefined;

  /** @param sample looks at the first records, as they are before the rule */
  constructor(dataset: DatasetName, context: RuleContext, out: PartWriter, sample?: ValueSample) {
    this.#dataset = dataset;
    this.#rule = ECOMMERCE.sources[dataset].rule;
    this.#context = context;
    this.#knownFields = DATASETS[dataset].bronzeFields;
    this.#cells = new Cells(this.#knownFields.length);
    this.#out = out;
    this.#sample = sample;
  }

  values(values: Cells, position: number, source: RecordSource): void {
    if (this.#sample?.isOpen) this.#sample.look(values);
    const reason = this.#rule(values, this.#out.rows, this.#context);
    if (reason === undefined) this.#out.keep(values);
    else {
      if (this.#out.isNew(reason))
        this.#out.sample(position, reason, sampleOf(this.#dataset, reason, values));
      this.#out.reject(position, { reason, raw: source.raw });
    }
  }

  record(fields: Readonly<Record<string, unknown>>, place: Place, raw: string): void {
    if (this.#sample?.isOpen) this.#sample.lookAtNames(fields);
    this.#cells.set(this.#knownFields.map((name) => fields[name]));
    this.values(this.#cells, positionOf(place), { raw });
  }

  reject({ raw, rawBase64, rawTruncated, place, problem }: Unreadable): void {
    const { reason, detail } = problem;
    const cut = rawTruncated ? true : undefined;
    if (this.#out.isNew(reason)) this.#out.sample(positionOf(place), reason, {});
    this.#out.reject(positionOf(place), { reason, detail, raw, raw_base64: rawBase64, raw_truncated: cut });
  }
}

/** How readers read a dataset's records for its rule. */
export const formatOptionsOf = (dataset: DatasetName, maxRecordBytes: number): FormatOptions => ({
  knownFields: DATASETS[dataset].bronzeFields,
  onlyKnownFields: true,
  maxRecordBytes,
});
