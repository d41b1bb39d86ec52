/** FNV's offset and primes: two hashes of a text that have nothing to do with each other. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;
const OTHER_PRIME = 0x85ebca6b;
const HIGH = 2 ** 21;
const FIRST_SIZE = 1 << 10;

/**
 * Keys of objects in 16 bytes each, however long they are: of a million keys, some ten megabytes. What counts is a hash of 53
 * bits. That a key is taken for another one happens once in thousands of lakes of a million objects.
 */
export class KeySet {
  /** 0 where nothing is. */
  #slots = new Float64Array(FIRST_SIZE);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(key: string): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    if (put(this.#slots, hashOf(key))) this.#size += 1;
  }

  has(key: string): boolean {
    const hash = hashOf(key);
    return this.#slots[placeOf(this.#slots, hash)] === hash;
  }

  #grow(): void {
    const slots = new Float64Array(this.#slots.length * 2);
    for (const hash of this.#slots) if (hash !== 0) put(slots, hash);
    this.#slots = slots;
  }
}

function put(slots: Float64Array, hash: number): boolean {
  const place = placeOf(slots, hash);
  const isNew = slots[place] === 0;
  slots[place] = hash;
  return isNew;
}

/** Where the hash is, or where it would go. */
function placeOf(slots: Float64Array, hash: number): number {
  const last = slots.length - 1;
  let place = hash % slots.length;
  while (slots[place] !== 0 && slots[place] !== hash) place = (place + 1) & last;
  return place;
}

/** Never 0. */
function hashOf(key: string): number {
  let low = OFFSET;
  let high = OFFSET;
  for (let at = 0; at < key.length; at += 1) {
    const unit = key.charCodeAt(at);
    low = Math.imul(low ^ unit, PRIME);
    high = Math.imul(high ^ unit, OTHER_PRIME) ^ (high >>> 13);
  }
  return (low >>> 0) * HIGH + ((high >>> 11) & (HIGH - 1)) || 1;
}
