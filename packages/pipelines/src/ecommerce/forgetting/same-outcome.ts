import { Cells, ContentReader, type ReadOptions, type RecordSink } from "@ingot/engine";
import { DATASETS, type DatasetName } from "../datasets.ts";
import { ECOMMERCE } from "../pipeline.ts";
import type { RuleContext } from "../silver/rule.ts";
import { SilverRows } from "../silver/silver-rows.ts";

/** Rows that are thrown away at once. */
const ROWS = 256;

/** What becomes of the records of a content: which of them are kept, and why others are not. */
export class Outcome {
  readonly #reader: ContentReader;
  /** FNV-1a, in two halves of different beginnings. */
  readonly #hashes = Uint32Array.of(0x811c9dc5, 0x01234567);
  #records = 0;

  constructor(name: string, dataset: DatasetName, context: RuleContext) {
    const { bronzeFields } = DATASETS[dataset];
    const { rule } = ECOMMERCE.sources[dataset];
    const cells = new Cells(bronzeFields.length);
    const rows = new SilverRows();
    const take = (values: Cells): void => {
      this.#add(rule(values, rows, context) ?? "kept");
      if (this.#records % ROWS === 0) rows.clear();
    };
    const sink: RecordSink = {
      values: take,
      record: (fields) => {
        cells.set(bronzeFields.map((field) => fields[field]));
        take(cells);
      },
      reject: ({ problem }) => this.#add(problem.reason),
    };
    const options: ReadOptions = { name, knownFields: bronzeFields };
    this.#reader = new ContentReader(options, true, sink);
  }

  push(chunk: Uint8Array): void {
    if (!this.#reader.unreadable) this.#reader.push(chunk);
  }

  /** A text that is the same for contents of which the same becomes, record by record. */
  finish(damage: string | undefined): string {
    this.#reader.finish(damage, () => this.#records === 0);
    return `${this.#records} ${this.#hashes.join(" ")}`;
  }

  #add(outcome: string): void {
    this.#records += 1;
    for (let half = 0; half < this.#hashes.length; half++) {
      let hash = this.#hashes[half]!;
      for (let at = 0; at < outcome.length; at++) hash = Math.imul(hash ^ outcome.charCodeAt(at), 0x01000193);
      this.#hashes[half] = Math.imul(hash ^ 0xff, 0x01000193);
    }
  }
}
