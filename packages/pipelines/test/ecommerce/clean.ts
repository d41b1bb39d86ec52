import { Cells } from "@ingot/engine";
import Papa from "papaparse";
import { DATASETS, type DatasetName } from "../../src/ecommerce/datasets.ts";
import { ECOMMERCE } from "../../src/ecommerce/pipeline.ts";
import type { RejectReason, RuleContext, RuleOptions } from "../../src/ecommerce/silver/rule.ts";
import { createRuleContext } from "../../src/ecommerce/silver/rule-context.ts";
import { SilverRows } from "../../src/ecommerce/silver/silver-rows.ts";

export type Fields = Readonly<Record<string, unknown>>;

export const DEFAULTS: RuleOptions = { businessTimezone: "UTC", emailHashKey: undefined };

export interface CleanRecord {
  /** In the order of the dataset's silver columns. */
  values: string[];
  /** What may occur only once; `undefined` where every record counts. */
  identity: string | undefined;
  /** Text order is the order of versions. */
  version: string;
}

/** What the rule makes of a record, or the reason for which it is rejected. */
export function outcomeOf(
  dataset: DatasetName,
  fields: Fields,
  context: RuleContext,
): CleanRecord | { reason: RejectReason } {
  const { bronzeFields } = DATASETS[dataset];
  const cells = new Cells(bronzeFields.length);
  cells.set(bronzeFields.map((name) => fields[name]));
  const silver = new SilverRows();
  const reason = ECOMMERCE.sources[dataset].rule(cells, silver, context);
  if (reason !== undefined) {
    if (silver.csv.length > 0) throw new Error("a rejected record has left something in silver");
    return { reason };
  }
  silver.csv.endRow();
  const { data } = Papa.parse<string[]>(silver.bytes.toString("utf8").slice(0, -1), { delimiter: "," });
  if (data.length !== 1) throw new Error(`${data.length} rows`);
  const { identityField, version, subversion } = silver;
  const identity = identityField === -1 ? undefined : cells.text(identityField);
  const texts = [version, subversion].map((number) => String(number).padStart(10, "0"));
  return { values: data[0]!, identity, version: texts.join(".") };
}

/** What the rule makes of a record: its silver columns by name, or the reason for which it is rejected. */
export function clean(dataset: DatasetName, fields: Fields, options: Partial<RuleOptions> = {}): Fields {
  const outcome = outcomeOf(dataset, fields, createRuleContext({ ...DEFAULTS, ...options }));
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
