/*
 * Sets of customers, a bit each: those of a million fit into the cache of a core, where looking at them one after the other in
 * no order is cheap. The bit of a customer is `1 << customer` in word `customer >>> 5`.
 */

export type BitSet = Int32Array;

/** An empty set of numbers below `end`. */
export function bitSet(end: number): BitSet {
  return new Int32Array((end >>> 5) + 1);
}

/** How many numbers are in both. */
export function countBoth(a: BitSet, b: BitSet): number {
  let count = 0;
  for (let word = 0; word < a.length; word++) {
    let bits = a[word]! & b[word]!;
    bits -= (bits >>> 1) & 0x55555555;
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    count += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

/** Leaves what is in both. */
export function intersect(set: BitSet, other: BitSet): void {
  for (let word = 0; word < set.length; word++) set[word]! &= other[word]!;
}

/** The numbers in a set, the least first: in this order they are looked up fastest. */
export function numbersIn(set: BitSet): Uint32Array {
  const numbers = new Uint32Array(countBoth(set, set));
  let count = 0;
  for (let word = 0; word < set.length; word++)
    for (let bits = set[word]!; bits !== 0; bits &= bits - 1) {
      numbers[count] = 32 * word + 31 - Math.clz32(bits & -bits);
      count += 1;
    }
  return numbers;
}

export function addAll(numbers: Uint32Array, set: BitSet): void {
  for (const number of numbers) set[number >>> 5]! |= 1 << number;
}
