import type { BitSet } from "./bit-set.ts";

/**
 * A set of numbers as the distances between them, in ascending order: a few percent of a million numbers take two bytes each,
 * and are looked at in the order of memory. A great distance is `FAR` and two numbers of 16 bits, the higher first.
 */
export type AscendingList = Uint16Array;

export const FAR = 0xffff;

export function ascendingList(set: BitSet): AscendingList {
  const list: number[] = [];
  let last = 0;
  for (let word = 0; word < set.length; word++) {
    for (let bits = set[word]!; bits !== 0; bits &= bits - 1) {
      const number = 32 * word + 31 - Math.clz32(bits & -bits);
      const distance = number - last;
      if (distance < FAR) list.push(distance);
      else list.push(FAR, distance >>> 16, distance & 0xffff);
      last = number;
    }
  }
  return Uint16Array.from(list);
}

/** Puts the numbers of a list into a set. */
export function addList(list: AscendingList, set: BitSet): void {
  let number = 0;
  for (let at = 0; at < list.length; at++) {
    number += list[at] === FAR ? (list[++at]! << 16) | list[++at]! : list[at]!;
    set[number >>> 5]! |= 1 << number;
  }
}
