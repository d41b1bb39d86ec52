/** Which field a name in a file means, where files do not have to use the known fields' own names. */
export interface NameMatcher {
  /** The field that the name of a JSON member means; `undefined` where it is none of the known. */
  fieldOf(name: string): string | undefined;
  /** Where the known fields stand in a CSV header. */
  columnsOf(header: readonly string[]): (readonly [position: number, field: string])[];
}

const columnName = (header: string): string => header.trim().toLowerCase();

/** Columns by the fields' own names in any case; for a name that comes twice the last column counts. JSON has to be exact. */
export function ownNames(fields: readonly string[]): NameMatcher {
  const columns = new Map(fields.map((field) => [columnName(field), field]));
  return {
    fieldOf: (name) => (fields.includes(name) ? name : undefined),
    columnsOf(header) {
      const positions = new Map<string, number>();
      header.forEach((name, position) => {
        const field = columns.get(columnName(name));
        if (field !== undefined) positions.set(field, position);
      });
      return [...positions].map(([field, position]) => [position, field]);
    },
  };
}
