import type { JsonSchema } from "../schemas/schema.ts";

/** Parameters beyond those that an address knows are refused: a misspelt filter must not answer with everything. */
export function query(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  return { type: "object", properties, required, additionalProperties: false };
}

const LIST = { type: "array", maxItems: 100, items: { type: "string", minLength: 1, maxLength: 200 } };

const DAY = { type: "string", format: "date", pattern: "^[1-9]" };

/** The filter of all questions about sales. */
export const FILTER_PARAMETERS = {
  from: {
    ...DAY,
    description: "First day, `YYYY-MM-DD`. Without it the first one with sales or visits.",
    examples: ["2025-01-01"],
  },
  to: {
    ...DAY,
    description: "Last day, included. Without it the last one with sales or visits.",
    examples: ["2025-01-31"],
  },
  channel: {
    ...LIST,
    description: "Only these channels; repeat the parameter for more than one. Does not apply to visits.",
  },
  country: {
    ...LIST,
    description: "Only customers of these countries; repeat the parameter for more than one.",
  },
  product: {
    ...LIST,
    description: "Only these products; repeat the parameter for more than one. Does not apply to visits.",
  },
} as const;

export interface FilterParameters {
  from?: string;
  to?: string;
  channel?: string[];
  country?: string[];
  product?: string[];
}

/** Of CSV files. */
export const CSV_PARAMETERS = {
  raw: {
    type: "boolean",
    default: false,
    description:
      "Texts that spreadsheets would take for formulas (they begin with `=`, `+`, `-`, `@`, a tab or a line end) get a " +
      "leading `'`. `true` leaves them as they are, for programs that read the file.",
  },
  bom: {
    type: "boolean",
    default: false,
    description:
      "`true` puts a byte order mark in front, by which Excel knows that the file is UTF-8. Where lists are separated by " +
      "semicolons (most of Europe) Excel opens no CSV with commas in columns: take the `.xlsx` there, or import the CSV " +
      "by Data > From Text/CSV.",
  },
} as const;
