import type { ValueClass } from "@ingot/engine/records";
import type { Dataset } from "../datasets.ts";
import { ENOUGH, sum } from "./chance.ts";
import type { SampledSchema } from "./sampled-schema.ts";

type Counts = ReadonlyMap<ValueClass, number>;

/** What an object says about a dataset's fields, with what smaller ones before it said where it is too small itself. */
export interface Weighed {
  /** How many values of a field are of each class. */
  classes: ReadonlyMap<string, Counts>;
  /** Fields without a value in all of so many records. */
  empty: ReadonlyMap<string, number>;
  /** Fields that are not even named in all of so many records. */
  absent: ReadonlyMap<string, number>;
}

/**
 * Gathers what objects say until it is enough to tell a change from chance: whoever delivers a record at a time changes
 * the format too.
 */
export class Evidence {
  /** Fewer values than `ENOUGH`, of each field. */
  readonly #classes = new Map<string, Counts>();
  /** The fields whose values are looked at. */
  readonly #sampled: ReadonlySet<string>;
  readonly #empty = new Map<string, number>();
  readonly #absent = new Map<string, number>();

  constructor({ bronzeFields }: Dataset) {
    this.#sampled = new Set(bronzeFields);
  }

  /** True where nothing is gathered: an object that is large enough stands for itself. */
  get isEmpty(): boolean {
    return this.#classes.size + this.#empty.size + this.#absent.size === 0;
  }

  /** @param required the fields that should have values */
  weigh(schema: SampledSchema, required: readonly string[]): Weighed {
    const classes = new Map<string, Counts>();
    for (const [field, counts] of schema.classes) {
      const together = add(this.#classes.get(field), counts);
      if (sum(together.values()) < ENOUGH) this.#classes.set(field, together);
      else this.#classes.delete(field);
      classes.set(field, together);
    }
    for (const field of required) {
      const isNamed = schema.names.has(field);
      const records = schema.hasHeader ? Math.max(schema.records, ENOUGH) : schema.records;
      grow(this.#absent, field, isNamed ? 0 : records);
      const isEmpty = isNamed && this.#sampled.has(field) && !schema.classes.has(field);
      grow(this.#empty, field, isEmpty ? schema.records : 0);
    }
    return { classes, empty: this.#empty, absent: this.#absent };
  }
}

function add(before: Counts | undefined, counts: Counts): Counts {
  if (!before) return counts;
  const together = new Map(before);
  for (const [each, count] of counts) together.set(each, (together.get(each) ?? 0) + count);
  return together;
}

/** Adds to what was so in all records before, or begins anew where it is not so. */
function grow(records: Map<string, number>, field: string, more: number): void {
  if (more === 0) records.delete(field);
  else records.set(field, (records.get(field) ?? 0) + more);
}
