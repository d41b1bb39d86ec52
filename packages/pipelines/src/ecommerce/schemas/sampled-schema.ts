import type { ContentShape, ValueClass } from "@ingot/engine/records";

/** What the first records of an object have in a dataset's own fields. */
export interface SampledValues {
  /** How many records were looked at. */
  records: number;
  /** How many values of each field are of each class; fields without any value are absent. */
  classes: ReadonlyMap<string, ReadonlyMap<ValueClass, number>>;
}

/** How a bronze object looks. */
export interface SampledSchema extends ContentShape, SampledValues {}

/** Longer names, and more of them, are data rather than names. */
const MAX_NAME = 64;
const MAX_NAMES = 100;

/** In files in which a name is data (an object by e-mail address, say), it must not get into silver. */
const PLAIN_NAME = /^[\p{L}_$#%][\p{L}\p{M}\p{N} _$#%&/().:+-]*$/u;
const LONG_NUMBER = /\d{5}/;

/** Where so many records have been looked at, a name that only one of them has is an accident. */
const MANY_RECORDS = 20;

/** The names of an object's fields that can be told: those that look like names, and are no accident. */
export function fieldNames({ names, hasHeader, records }: SampledSchema): string[] {
  const isAccident = (uses: number): boolean => !hasHeader && uses < 2 && records >= MANY_RECORDS;
  return [...names]
    .filter(([name, uses]) => isPlainName(name) && !isAccident(uses))
    .slice(0, MAX_NAMES)
    .map(([name]) => name);
}

const isPlainName = (name: string): boolean =>
  name.length <= MAX_NAME && PLAIN_NAME.test(name) && !LONG_NUMBER.test(name);
