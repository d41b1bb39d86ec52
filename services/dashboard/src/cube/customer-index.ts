/** The number of no customer. */
export const NOBODY = 0;

/**
 * Numbers from 1 for customers' ids, in the order of their first occurrence. A million ids in a `Map` would be a hundred
 * megabytes of small objects; here they are their bytes, one after the other, and a hash table of numbers.
 */
export class CustomerIndex {
  /** One more than the greatest number. */
  size = 1;
  /** UTF-8, but for surrogates, which are encoded one by one. */
  #bytes = new Uint8Array(1024);
  /** Where the bytes of each number end. */
  #ends = new Uint32Array(64);
  #hashes = new Uint32Array(64);
  /** Numbers where their hashes say, or in the next free place; `NOBODY` where there is none. */
  #table = new Uint32Array(128);
  #scratch = new Uint8Array(64);

  /** The number of an id, a new one where it did not occur before; `NOBODY` of the empty one. */
  numberOf(id: string): number {
    if (id === "") return NOBODY;
    const length = this.#encode(id);
    const hash = hashOf(this.#scratch, length);
    const mask = this.#table.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const number = this.#table[place]!;
      if (number === NOBODY) return this.#add(place, hash, length);
      if (this.#hashes[number] === hash && this.#isSame(number, length)) return number;
    }
  }

  #isSame(number: number, length: number): boolean {
    const from = this.#ends[number - 1]!;
    if (this.#ends[number]! - from !== length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[from + i] !== this.#scratch[i]) return false;
    return true;
  }

  #add(place: number, hash: number, length: number): number {
    const number = this.size;
    this.size += 1;
    if (number === this.#ends.length) {
      this.#ends = enlarged(this.#ends, 1.5 * number);
      this.#hashes = enlarged(this.#hashes, 1.5 * number);
    }
    const from = this.#ends[number - 1]!;
    if (from + length > this.#bytes.length) this.#bytes = enlarged(this.#bytes, 1.5 * (from + length));
    this.#bytes.set(this.#scratch.subarray(0, length), from);
    this.#ends[number] = from + length;
    this.#hashes[number] = hash;
    this.#table[place] = number;
    if (2 * this.size > this.#table.length) this.#rehash();
    return number;
  }

  #rehash(): void {
    const mask = 2 * this.#table.length - 1;
    const table = new Uint32Array(mask + 1);
    for (let number = 1; number < this.size; number++) {
      let place = this.#hashes[number]! & mask;
      while (table[place] !== NOBODY) place = (place + 1) & mask;
      table[place] = number;
    }
    this.#table = table;
  }

  /** Answers how many bytes of the scratch are the id's. */
  #encode(id: string): number {
    if (3 * id.length > this.#scratch.length) this.#scratch = new Uint8Array(6 * id.length);
    const scratch = this.#scratch;
    let length = 0;
    for (let i = 0; i < id.length; i++) {
      const unit = id.charCodeAt(i);
      if (unit < 0x80) scratch[length++] = unit;
      else if (unit < 0x800) {
        scratch[length++] = 0xc0 | (unit >> 6);
        scratch[length++] = 0x80 | (unit & 0x3f);
      } else {
        scratch[length++] = 0xe0 | (unit >> 12);
        scratch[length++] = 0x80 | ((unit >> 6) & 0x3f);
        scratch[length++] = 0x80 | (unit & 0x3f);
      }
    }
    return length;
  }
}

/** FNV-1a, with the last step of MurmurHash3: its low bits alone decide the place. */
function hashOf(bytes: Uint8Array, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function enlarged<T extends Uint8Array | Uint32Array>(array: T, size: number): T {
  const larger = new (array.constructor as { new (size: number): T })(Math.ceil(size));
  larger.set(array);
  return larger;
}
