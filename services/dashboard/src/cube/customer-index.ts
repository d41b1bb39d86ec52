/** The number of no customer. */
export const NOBODY = 0;

const LENGTH_BYTES = 4;
/** An entry of the table: the hash of an id, its number, and where its bytes begin. */
const ENTRY = 3;
const [HASH, NUMBER, START] = [0, 1, 2];

/**
 * Numbers from 1 for customers' ids, in the order of their first occurrence. A million ids in a `Map` would be a hundred
 * megabytes of small objects; here they are their bytes, one after the other, and a hash table of numbers. A look-up
 * goes to two places in memory.
 */
export class CustomerIndex {
  /** One more than the greatest number. */
  size = 1;
  /** Of each id its length, in characters, and itself. UTF-8, but for surrogates, which are encoded one by one. */
  #bytes = new Uint8Array(1024);
  #bytesEnd = 0;
  /** An entry is where its hash says, or in the next free place. */
  #table = new Uint32Array(128 * ENTRY);
  #mask = 127;
  /** The id that is looked up. */
  #scratch = new Uint8Array(64);

  /** The number of an id, a new one where it did not occur before; `NOBODY` of the empty one. */
  numberOf(id: string): number {
    if (id === "") return NOBODY;
    const length = this.#encode(id);
    const hash = hashOf(this.#scratch, length);
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const at = place * ENTRY;
      const number = this.#table[at + NUMBER]!;
      if (number === NOBODY) return this.#add(at, hash, length);
      if (this.#table[at + HASH] === hash && this.#isSame(this.#table[at + START]!, length)) return number;
    }
  }

  /** The length comes first, so that one id is no beginning of another. */
  #isSame(start: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.#bytes[start + i] !== this.#scratch[i]) return false;
    return true;
  }

  #add(at: number, hash: number, length: number): number {
    const number = this.size;
    this.size += 1;
    const start = this.#bytesEnd;
    this.#bytesEnd += length;
    if (this.#bytesEnd > this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#bytesEnd);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    for (let i = 0; i < length; i++) this.#bytes[start + i] = this.#scratch[i]!;
    this.#table[at + HASH] = hash;
    this.#table[at + NUMBER] = number;
    this.#table[at + START] = start;
    this.reserve(this.size);
    return number;
  }

  /** Makes room for so many ids. */
  reserve(ids: number): void {
    let places = this.#mask + 1;
    while (4 * ids > 3 * places) places *= 2;
    if (places > this.#mask + 1) this.#enlarge(places);
  }

  #enlarge(places: number): void {
    const old = this.#table;
    this.#mask = places - 1;
    this.#table = new Uint32Array((this.#mask + 1) * ENTRY);
    for (let from = 0; from < old.length; from += ENTRY) {
      if (old[from + NUMBER] === NOBODY) continue;
      let place = old[from + HASH]! & this.#mask;
      while (this.#table[place * ENTRY + NUMBER] !== NOBODY) place = (place + 1) & this.#mask;
      for (let i = 0; i < ENTRY; i++) this.#table[place * ENTRY + i] = old[from + i]!;
    }
  }

  /** Answers how many bytes of the scratch are the id's. */
  #encode(id: string): number {
    if (3 * id.length + LENGTH_BYTES > this.#scratch.length) this.#scratch = new Uint8Array(6 * id.length);
    const scratch = this.#scratch;
    let length = 0;
    for (let rest = id.length; length < LENGTH_BYTES; rest >>>= 8) scratch[length++] = rest & 0xff;
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
