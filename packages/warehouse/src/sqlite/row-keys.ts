/** One key stands for about 4096 ids that differ only in their last characters. */
const LAST_CHARACTERS = 3;
const LAST_FACTOR = 2 ** 12;
const FIRST_FACTOR = 2 ** 36;
/** Keys are centred on zero: SQLite stores -2^47 … 2^47 - 1 in six bytes. */
const OFFSET = 2 ** 47;

/**
 * A short integer for an id, by which rows are found: six bytes in an index, however long the ids are. Two ids may have
 * the same key, so that whoever looks one up compares the ids as well.
 *
 * Ids that differ in their last three digits only lie side by side in an index: a shop that counts its orders up
 * touches a few pages of it, and not one for each order. All others are spread evenly.
 *
 * The function is part of the file's format: a change needs a new SCHEMA_VERSION.
 */
export function keyOf(id: string): number {
  const split = Math.max(0, id.length - LAST_CHARACTERS);
  let last = 0;
  for (let index = split; index < id.length; index++) last = (last << 4) | (id.charCodeAt(index) & 15);
  return (hashOf(id, split) % FIRST_FACTOR) * LAST_FACTOR + last - OFFSET;
}

/** 53 bits of a hash of the first `end` characters: two 32-bit multiplicative hashes, mixed (cyrb53). */
function hashOf(text: string, end: number): number {
  let a = 0xdeadbeef ^ text.length;
  let b = 0x41c6ce57 ^ text.length;
  for (let index = 0; index < end; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
