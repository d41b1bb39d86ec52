import type { StoredSchema } from "./schema-object.ts";

/** A field as all schemas of a dataset together know it. */
export interface KnownField {
  classes: Set<string>;
  /** How many values were looked at, and how many of them are of none of these classes. */
  values: number;
  others: number;
  /** True where every schema has it as a usual one. */
  required: boolean;
}

/** All that is known of how a dataset's files look: the union of its schemas. */
export class KnownSchema {
  readonly formats = new Set<string>();
  /** In the order of the first schema. */
  readonly fields = new Map<string, KnownField>();
  #isEmpty = true;

  /** True where no object with fields has been seen. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** The fields that every schema has as usual ones. */
  get required(): string[] {
    return [...this.fields].flatMap(([name, { required }]) => (required ? [name] : []));
  }

  add({ format, fields }: Pick<StoredSchema, "format" | "fields">): void {
    this.formats.add(format);
    // What cannot be read tells nothing about fields.
    if (fields.length === 0) return;
    const usual = new Set(fields.filter((field) => field.usual).map(({ name }) => name));
    for (const [name, field] of this.fields) field.required &&= usual.has(name);
    for (const { name, classes, usual: isUsual, values = 0, others = 0 } of fields) {
      const isRequired = this.#isEmpty && isUsual;
      const known = this.fields.get(name) ?? {
        classes: new Set(),
        required: isRequired,
        values: 0,
        others: 0,
      };
      for (const each of classes) known.classes.add(each);
      known.values += values;
      known.others += others;
      this.fields.set(name, known);
    }
    this.#isEmpty = false;
  }
}
