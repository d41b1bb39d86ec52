import { DATASETS, type DatasetName } from "../../src/ecommerce/datasets.ts";
import { createRuleContext, RULES, type RuleOptions } from "../../src/ecommerce/silver/rules.ts";

export type Fields = Readonly<Record<string, unknown>>;

export const DEFAULTS: RuleOptions = { businessTimezone: "UTC", emailHashKey: undefined };

/** What the rule makes of a record: its silver columns by name, or the reason for which it is rejected. */
export function clean(dataset: DatasetName, fields: Fields, options: Partial<RuleOptions> = {}): Fields {
  const outcome = RULES[dataset](fields, createRuleContext({ ...DEFAULTS, ...options }));
  if ("reason" in outcome) return outcome;
  const columns = DATASETS[dataset].silverColumns;
  if (outcome.values.length !== columns.length) throw new Error(`${outcome.values.length} values`);
  return Object.fromEntries(columns.map((column, index) => [column, outcome.values[index]]));
}

/** Values that no text can be made of, or none that every store keeps. */
export const UNUSABLE_TEXTS: readonly (readonly [what: string, value: unknown])[] = [
  ["a nested object", { id: 1 }],
  ["an array", ["a"]],
  ["a lone surrogate", "a\ud800"],
  ["a NUL", "a\0b"],
];

/** What counts as missing. */
export const MISSING: readonly (readonly [what: string, value: unknown])[] = [
  ["absent", undefined],
  ["null", null],
  ["empty", ""],
  ["blank", " \t\u00a0"],
];
