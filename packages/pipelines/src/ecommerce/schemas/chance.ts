/**
 * A difference from one half that chance makes once in a million times lies within so many standard deviations: of `n`
 * values, `n / 2 ± Z * sqrt(n) / 2`.
 */
const Z = 4.75;

/**
 * True where `part` of `all` is more than half, by more than chance explains. Faults spoil some records of any file, and
 * which ones is chance: what they do must not look like a change.
 */
export const isMost = (part: number, all: number): boolean => 2 * part - all >= Z * Math.sqrt(all) && all > 0;

/** So many values are enough to tell what most of them are, if they are all alike. */
export const ENOUGH = 23;

/** What chance makes less often than this, it does not make. */
const UNLIKELY = 1e-5;

/**
 * True where so many values, all alike, are no accident although they are few: before, values like that were too rare.
 *
 * @param before how many values there were before, and how many of them were none of the usual
 */
export function isBeyondChance(values: number, before: { values: number; others: number }): boolean {
  const rate = (before.others + 2) / (before.values + 2);
  return before.values >= ENOUGH && rate ** values <= UNLIKELY;
}

/** The fewest classes, most frequent first, that make up most values beyond chance; none where there are too few. */
export function mostOf<T>(counts: ReadonlyMap<T, number>): T[] {
  const all = sum(counts.values());
  const most: T[] = [];
  let part = 0;
  for (const [value, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    most.push(value);
    part += count;
    if (isMost(part, all)) return most;
  }
  return [];
}

export const sum = (counts: Iterable<number>): number =>
  [...counts].reduce((total, count) => total + count, 0);
