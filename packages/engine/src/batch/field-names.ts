import type { NameMatcher } from "../records/name-matcher.ts";
import type { SourceField } from "./source-record.ts";

const NO_LETTER_OR_DIGIT = /[^\p{L}\p{N}]+/gu;

/**
 * A name as it is compared: without case, accents, blanks (no-break ones too), underscores, punctuation and byte order
 * marks. `ID Référence produit`, `id_reference_produit` and `Id-Reference Produit` are one name.
 */
export function foldName(name: string): string {
  return name.normalize("NFKD").toLowerCase().replaceAll("œ", "oe").replace(NO_LETTER_OR_DIGIT, "");
}

/** A name's meaning: the position of its field, and how good a name it is, 0 the best. */
interface Meaning {
  field: number;
  rank: number;
}

/**
 * What the names in a file mean. Where a file has several names of one field, the one counts that stands first among the
 * field's name and aliases; of equal ones the last.
 */
export class FieldNames implements NameMatcher {
  readonly #fields: readonly SourceField[];
  readonly #meanings = new Map<string, Meaning>();
  /** By the names as they are written. */
  readonly #known = new Map<string, Meaning | undefined>();

  constructor(fields: readonly SourceField[]) {
    this.#fields = fields;
    for (const [field, { name, aliases = [] }] of fields.entries()) {
      for (const [rank, alias] of [name, ...aliases].entries()) {
        const folded = foldName(alias);
        if (!this.#meanings.has(folded)) this.#meanings.set(folded, { field, rank });
      }
    }
    this.#meanings.delete("");
  }

  fieldOf(name: string): string | undefined {
    const meaning = this.#meaningOf(name);
    return meaning && this.#fields[meaning.field]!.name;
  }

  columnsOf(header: readonly string[]): (readonly [position: number, field: string])[] {
    return this.positionsIn(header).flatMap((position, field) =>
      position === undefined ? [] : [[position, this.#fields[field]!.name] as const],
    );
  }

  /** For each field the position of the name that means it; `undefined` where none does. */
  positionsIn(names: readonly string[]): (number | undefined)[] {
    const positions: (number | undefined)[] = this.#fields.map(() => undefined);
    const ranks = this.#fields.map(() => Number.POSITIVE_INFINITY);
    for (const [position, name] of names.entries()) {
      const meaning = this.#meaningOf(name);
      if (meaning === undefined || meaning.rank > ranks[meaning.field]!) continue;
      ranks[meaning.field] = meaning.rank;
      positions[meaning.field] = position;
    }
    return positions;
  }

  /** The required fields that none of these names means. */
  missingIn(names: readonly string[]): SourceField[] {
    const positions = this.positionsIn(names);
    return this.#fields.filter(({ isRequired }, field) => isRequired && positions[field] === undefined);
  }

  #meaningOf(name: string): Meaning | undefined {
    const known = this.#known.get(name);
    if (known !== undefined || this.#known.has(name)) return known;
    const meaning = this.#meanings.get(foldName(name));
    if (this.#known.size < MOST_KNOWN) this.#known.set(name, meaning);
    return meaning;
  }
}

/** More names than any sane file has. */
const MOST_KNOWN = 10_000;
