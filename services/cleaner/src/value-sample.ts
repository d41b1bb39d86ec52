import { type Cells, classesOf, classOfCell, type SeenClass } from "@ingot/engine/records";
import type { SampledValues } from "@ingot/pipelines";

/** More records than this tell hardly more about a file. */
const RECORDS = 50;

/** Looks at the values of the first records of an object. */
export class ValueSample {
  /** False once enough were looked at. */
  isOpen = true;
  readonly #fields: readonly string[];
  readonly #classes: readonly Map<SeenClass, number>[];
  /** For each field the class of its last values, and how many there were of it: most values are like those before. */
  readonly #last: (SeenClass | undefined)[];
  readonly #run: Int32Array;
  readonly #names = new Map<string, number>();
  #records = 0;

  /** @param fields the dataset's own, in the order of the cells */
  constructor(fields: readonly string[]) {
    this.#fields = fields;
    this.#classes = fields.map(() => new Map());
    this.#last = fields.map(() => undefined);
    this.#run = new Int32Array(fields.length);
  }

  look(values: Cells): void {
    for (let field = 0; field < this.#run.length; field++) {
      const seen = classOfCell(values, field);
      if (seen !== this.#last[field]) this.#endRun(field, seen);
      this.#run[field]!++;
    }
    this.#records++;
    this.isOpen = this.#records < RECORDS;
  }

  #endRun(field: number, next: SeenClass | undefined): void {
    const last = this.#last[field];
    const classes = this.#classes[field]!;
    if (last !== undefined) classes.set(last, (classes.get(last) ?? 0) + this.#run[field]!);
    this.#last[field] = next;
    this.#run[field] = 0;
  }

  /** Takes the names of a record that was read in full. */
  lookAtNames(record: Readonly<Record<string, unknown>>): void {
    for (const name in record) this.#names.set(name, (this.#names.get(name) ?? 0) + 1);
  }

  /** Of records that were read in full, the names of their fields with the number of records that have them. */
  get names(): ReadonlyMap<string, number> {
    return this.#names;
  }

  /** @param isTyped true for JSON, in which a number is no text */
  values(isTyped: boolean): SampledValues {
    for (let field = 0; field < this.#run.length; field++) this.#endRun(field, undefined);
    const classes = this.#classes.flatMap((seen, field) =>
      seen.size === 0 ? [] : [[this.#fields[field]!, classesOf(seen, isTyped)] as const],
    );
    return { records: this.#records, classes: new Map(classes) };
  }
}
