import type { PreviewedContent } from "./preview.ts";

export const ROWS_SHOWN = 50;
const COLUMNS_SHOWN = 200;
const VALUE_CHARACTERS = 500;

/** @param rows the first ones; at least one more than is shown, where there are more */
export function previewedRows(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): PreviewedContent {
  return {
    columns: columns.slice(0, COLUMNS_SHOWN).map(shortened),
    rows: rows.slice(0, ROWS_SHOWN).map((row) => row.slice(0, COLUMNS_SHOWN).map(shortened)),
    is_cut: rows.length > ROWS_SHOWN || columns.length > COLUMNS_SHOWN,
  };
}

function shortened(value: string): string {
  return value.length <= VALUE_CHARACTERS ? value : `${value.slice(0, VALUE_CHARACTERS).toWellFormed()}…`;
}
