import type { Dataset } from "../datasets.ts";
import { ENOUGH, isBeyondChance, isMost, mostOf, sum } from "./chance.ts";
import type { Weighed } from "./evidence.ts";
import type { KnownSchema } from "./known-schema.ts";
import { fieldNames, type SampledSchema } from "./sampled-schema.ts";
import type { SchemaField } from "./schema-object.ts";
import { areSimilar } from "./similar-names.ts";

/** What an object has that no object of its dataset had before. */
export interface SchemaChanges {
  /** The changes in words, without values. */
  told: string[];
  /** What is new, to be compared: the same for the same changes. */
  news: string[];
}

/** A missing field beside a new one is no accident; then so few records are enough. */
const FEW = 3;
/** So many records without a field that most records have are enough by themselves. */
const SEVERAL = 12;

const quoted = (name: string): string => `"${name}"`;

/** Compares an object with what is known of its dataset; where that is nothing, with the contract. */
export function changesOf(
  dataset: Dataset,
  schema: SampledSchema,
  weighed: Weighed,
  known: KnownSchema,
): SchemaChanges {
  if (!schema.isReadable) return formatChange(schema, known);
  const names = fieldNames(schema);
  const expected = new Set([...dataset.bronzeFields, ...known.fields.keys()]);
  const fresh = names.filter((name) => !expected.has(name));
  const missing = missingFields(dataset, schema, weighed, known, fresh);
  const parts = known.isEmpty
    ? [namesChange(missing.length > 0 ? renames(missing, fresh, names, expected) : [], [], missing)]
    : [
        formatChange(schema, known),
        namesChange(renames(missing, fresh, names, expected), fresh, missing),
        valuesChange(schema, weighed, known),
      ];
  return { told: parts.flatMap(({ told }) => told), news: parts.flatMap(({ news }) => news) };
}

/** Classes that were not known of a field because there were too few values: no change, but to be compared with later. */
export function learntOf(weighed: Weighed, known: KnownSchema): string[] {
  return [...weighed.classes].flatMap(([name, counts]) => {
    const isKnown = (known.fields.get(name)?.classes.size ?? 0) > 0;
    const most = isKnown ? [] : mostOf(counts);
    return most.length > 0 ? [`known ${name} ${most.sort().join()}`] : [];
  });
}

/** The fields of an object as they are stored. */
export function schemaFields(
  { bronzeFields }: Dataset,
  schema: SampledSchema,
  weighed: Weighed,
  known: KnownSchema,
): SchemaField[] {
  const { names, records, hasHeader } = schema;
  const most = Math.max(0, ...names.values());
  return fieldNames(schema).map((name) => {
    const values = schema.classes.get(name);
    const isNamed = hasHeader || 4 * names.get(name)! >= 3 * most;
    // What few records have not, others may have; and only the values of its own fields are looked at.
    const isSampled = records >= SEVERAL && bronzeFields.includes(name);
    const isFilled = !isSampled || 4 * sum(values?.values() ?? []) >= 3 * records;
    const counts = new Map<string, number>(weighed.classes.get(name));
    const classes = [...new Set([...newClassesOf(name, schema, known), ...mostOf(counts)])];
    const all = sum(counts.values());
    const others = all - sum(classes.map((each) => counts.get(each) ?? 0));
    const seen = classes.length === 0 ? {} : { values: all, others };
    return { name, classes, ...seen, usual: isNamed && isFilled };
  });
}

function formatChange({ format, isReadable }: SampledSchema, { formats }: KnownSchema): SchemaChanges {
  if (formats.has(format)) return { told: [], news: [] };
  const before = formats.size === 0 ? "" : `, not ${[...formats].join(" or ")}`;
  const told = isReadable ? `the format is ${format} now${before}` : `it cannot be read: ${format}${before}`;
  return { told: [told], news: [`format ${format}`] };
}

/** Fields that are missing beyond doubt: of those that every object had before, or of the contract. */
function missingFields(
  { bronzeFields }: Dataset,
  { names, records, hasHeader }: SampledSchema,
  { absent }: Weighed,
  known: KnownSchema,
  fresh: readonly string[],
): string[] {
  const required = known.isEmpty ? bronzeFields : known.required;
  const isEnough = hasHeader || (fresh.length > 0 && records >= FEW);
  return required.filter((name) => !names.has(name) && (isEnough || (absent.get(name) ?? 0) >= SEVERAL));
}

type Rename = readonly [from: string, to: string];

/** Which new fields probably are missing ones under another name: a similar one, or one in the same place. */
function renames(
  missing: readonly string[],
  fresh: readonly string[],
  names: readonly string[],
  expected: ReadonlySet<string>,
): Rename[] {
  const order = [...expected];
  const open = new Set(fresh);
  const found: Rename[] = [];
  const pair = (fits: (from: string, to: string) => boolean): void => {
    for (const from of missing) {
      if (found.some(([known]) => known === from)) continue;
      const to = [...open].find((name) => fits(from, name));
      if (to === undefined) continue;
      open.delete(to);
      found.push([from, to]);
    }
  };
  pair(areSimilar);
  pair((from, to) => isSamePlace(order, order.indexOf(from), names, names.indexOf(to)));
  return found;
}

/** True where both have the same neighbours. */
const isSamePlace = (one: readonly string[], at: number, two: readonly string[], there: number): boolean =>
  one[at - 1] === two[there - 1] && (one[at + 1] === two[there + 1] || two[there + 1] === undefined);

function namesChange(
  renamed: readonly Rename[],
  fresh: readonly string[],
  missing: readonly string[],
): SchemaChanges {
  const rest = (all: readonly string[], at: 0 | 1) =>
    all.filter((name) => !renamed.some((rename) => rename[at] === name));
  return {
    told: [
      ...renamed.map(([from, to]) => `column ${quoted(to)} is new, ${quoted(from)} is missing (renamed?)`),
      ...rest(fresh, 1).map((name) => `column ${quoted(name)} is new`),
      ...rest(missing, 0).map((name) => `column ${quoted(name)} is missing`),
    ],
    news: [
      ...new Set([...fresh, ...renamed.map(([, to]) => to)].map((name) => `+${name}`)),
      ...missing.map((name) => `-${name}`),
    ],
  };
}

/** The class that all values of a field are of in this object and were not before, where they are too few to be most. */
function newClassesOf(name: string, schema: SampledSchema, known: KnownSchema): string[] {
  const counts = [...(schema.classes.get(name) ?? [])];
  const before = known.fields.get(name);
  const [[only, values] = ["", 0]] = counts;
  const isNew = counts.length === 1 && before !== undefined && !before.classes.has(only);
  return isNew && isBeyondChance(values, before) ? [only] : [];
}

/** Fields whose values are mostly of classes that they never had, or that have none any more. */
function valuesChange(schema: SampledSchema, { classes, empty }: Weighed, known: KnownSchema): SchemaChanges {
  const changes: SchemaChanges = { told: [], news: [] };
  for (const [name, counts] of classes) {
    const before = known.fields.get(name)?.classes;
    if (!before || before.size === 0) continue;
    const fresh = new Map([...counts].filter(([each]) => !before.has(each)));
    const most = isMost(sum(fresh.values()), sum(counts.values())) ? mostOf(counts) : [];
    const now = [...new Set([...most, ...newClassesOf(name, schema, known)])].filter(
      (each) => !before.has(each),
    );
    if (now.length === 0) continue;
    changes.told.push(`column ${quoted(name)} has ${now.join(" or ")} now, not ${[...before].join(" or ")}`);
    changes.news.push(`${name} ${now.sort().join()}`);
  }
  for (const [name, records] of empty) {
    if (records < ENOUGH || !known.fields.get(name)?.required) continue;
    changes.told.push(`column ${quoted(name)} has no values any more`);
    changes.news.push(`empty ${name}`);
  }
  return changes;
}
