import { ENOUGH } from "./chance.ts";
import type { KnownSchema } from "./known-schema.ts";
import { fieldNames, type SampledSchema } from "./sampled-schema.ts";

/** More ways to name fields than any sane source has. */
const MOST = 1000;

/** Tells at a glance that an object is like those before it, as nearly all are. */
export class UsualSchemas {
  /** Formats with names that have nothing new. */
  readonly #named = new Set<string>();

  /** Takes an object in which nothing is new or missing. */
  add(schema: SampledSchema): void {
    // A name that is an accident here need not be one in another object.
    const isPlain = fieldNames(schema).length === schema.names.size;
    if (isPlain && this.#named.size < MOST) this.#named.add(nameOf(schema));
  }

  /** True only for an object in which nothing can be new. */
  has(schema: SampledSchema, { fields }: KnownSchema): boolean {
    if (!this.#named.has(nameOf(schema))) return false;
    for (const [name, { required, classes }] of fields) {
      if (required && classes.size > 0 && !schema.classes.has(name)) return false;
    }
    for (const [name, counts] of schema.classes) {
      const known = fields.get(name)?.classes;
      let all = 0;
      let fresh = 0;
      for (const [each, count] of counts) {
        all += count;
        if (!known?.has(each)) fresh += count;
      }
      if (all < ENOUGH || 2 * fresh > all) return false;
    }
    return true;
  }
}

const nameOf = ({ format, names }: SampledSchema): string => [format, ...names.keys()].join("\0");
