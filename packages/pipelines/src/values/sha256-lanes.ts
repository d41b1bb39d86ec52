import { BLOCK_WORDS, LANES, ROUNDS, STATE_WORDS, sha256Module, VECTOR_BYTES } from "./sha256-module.ts";

/** How many messages are hashed in one go. */
export const BATCH = 256;

/** The last bytes of a block are a mark behind the message, and its length. */
const MARK = 0x80;
const MARK_AND_LENGTH_BYTES = 9;
const WORD_BYTES = 4;
const BLOCK_BYTES = WORD_BYTES * BLOCK_WORDS;
/** Messages fill one block. */
export const MAX_MESSAGE_BYTES = BLOCK_BYTES - MARK_AND_LENGTH_BYTES;
const HASH_BYTES = WORD_BYTES * STATE_WORDS;

// Where everything lies in the memory, in bytes; a page has 64 KiB.
const PAGES = 1;
const BLOCK_VECTORS = VECTOR_BYTES * BLOCK_WORDS;
const STATE_VECTORS = VECTOR_BYTES * STATE_WORDS;
const CONSTANTS = 0;
const FIRST_START = CONSTANTS + WORD_BYTES * ROUNDS;
const SECOND_START = FIRST_START + STATE_VECTORS;
/** The block of the second hash begins with the first one. */
const SECOND_BLOCK = SECOND_START + STATE_VECTORS;
const MESSAGES = SECOND_BLOCK + BLOCK_VECTORS;
const HASHES = MESSAGES + (BATCH / LANES) * BLOCK_VECTORS;

type Compress = (block: number, start: number, target: number, constants: number) => void;

/** The part of WebAssembly's interface that is used; Node.js's types have none of it. */
interface WebAssemblyApi {
  validate(code: Uint8Array): boolean;
  Memory: new (pages: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: { run: Compress } };
}

/** The words of one message or hash are so far from each other. */
const STEP = LANES;

/**
 * Hashes short messages by the batch, as SHA-256 or, with a key, as HMAC-SHA-256 (RFC 2104). What the key adds to each
 * message is computed once.
 */
export class Sha256Lanes {
  readonly #words: Int32Array;
  readonly #compress: Compress;
  readonly #isKeyed: boolean;
  /** Bits that were hashed before the message. */
  readonly #bitsBefore: number;

  /**
   * @param keyBlock a key as RFC 2104 fills it up to a block
   * @returns `undefined` where the processor or the runtime has no such instructions
   */
  static create(keyBlock: Uint8Array | undefined): Sha256Lanes | undefined {
    const { WebAssembly } = globalThis as { WebAssembly?: WebAssemblyApi };
    const code = sha256Module();
    if (!WebAssembly?.validate(code)) return undefined;
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } }).exports;
    return new Sha256Lanes(run, memory, keyBlock);
  }

  private constructor(compress: Compress, memory: { buffer: ArrayBuffer }, keyBlock: Uint8Array | undefined) {
    this.#compress = compress;
    this.#words = new Int32Array(memory.buffer);
    this.#isKeyed = keyBlock !== undefined;
    this.#bitsBefore = keyBlock ? 8 * BLOCK_BYTES : 0;
    this.#words.set(CONSTANT_WORDS, CONSTANTS / WORD_BYTES);
    for (const start of [FIRST_START, SECOND_START]) this.#fill(start, START_WORDS);
    if (keyBlock) this.#begin(keyBlock);
  }

  /**
   * Takes a message of ASCII, with its capital letters as small ones.
   *
   * @param bytes the message is from `start` to `end`, at most MAX_MESSAGE_BYTES long
   * @param index its number in the batch
   * @returns false where it is no ASCII, and not taken
   */
  putLowerCase(index: number, bytes: DataView, start: number, end: number): boolean {
    const words = this.#words;
    const first = addressOf(MESSAGES, BLOCK_VECTORS, index);
    let to = first;
    let all = 0;
    let at = start;
    for (; at + WORD_BYTES <= end; at += WORD_BYTES, to += STEP) {
      const word = bytes.getInt32(at, false);
      all |= word;
      words[to] = lowerCase(word);
    }
    let word = 0;
    for (let shift = 24; at < end; at++, shift -= 8) word |= bytes.getUint8(at) << shift;
    all |= word;
    words[to] = lowerCase(word) | (MARK << (24 - 8 * ((end - start) & 3)));
    words[first + STEP * (BLOCK_WORDS - 1)] = this.#bitsBefore + 8 * (end - start);
    const isAscii = (all & HIGH_BITS) === 0;
    if (!isAscii) for (let at = 0; at < BLOCK_WORDS; at++) words[first + STEP * at] = 0;
    return isAscii;
  }

  /** Hashes the first messages, which makes room for others. */
  hash(count: number): void {
    for (let at = 0; at * LANES < count; at++) {
      const message = MESSAGES + at * BLOCK_VECTORS;
      const hash = HASHES + at * STATE_VECTORS;
      if (this.#isKeyed) {
        this.#compress(message, FIRST_START, SECOND_BLOCK, CONSTANTS);
        this.#compress(SECOND_BLOCK, SECOND_START, hash, CONSTANTS);
      } else this.#compress(message, FIRST_START, hash, CONSTANTS);
    }
    this.#words.fill(0, MESSAGES / WORD_BYTES, HASHES / WORD_BYTES);
  }

  /** A word of a message's hash; valid until the next `hash`. */
  wordOf(index: number, word: number): number {
    return this.#words[addressOf(HASHES, STATE_VECTORS, index) + STEP * word]!;
  }

  /** Does what RFC 2104 does before a message. */
  #begin(keyBlock: Uint8Array): void {
    for (const [start, mask] of [
      [FIRST_START, 0x36],
      [SECOND_START, 0x5c],
    ] as const) {
      const block = Buffer.from(keyBlock.map((byte) => byte ^ mask));
      this.#fill(
        SECOND_BLOCK,
        Array.from({ length: BLOCK_WORDS }, (_, at) => block.readInt32BE(WORD_BYTES * at)),
      );
      this.#compress(SECOND_BLOCK, start, start, CONSTANTS);
    }
    const end = Array<number>(BLOCK_WORDS - STATE_WORDS).fill(0);
    end[0] = MARK << 24;
    end[end.length - 1] = 8 * (BLOCK_BYTES + HASH_BYTES);
    this.#fill(SECOND_BLOCK + STATE_VECTORS, end);
  }

  /** Writes words that are the same in all lanes. */
  #fill(address: number, words: readonly number[]): void {
    words.forEach((word, at) => {
      const from = address / WORD_BYTES + LANES * at;
      this.#words.fill(word, from, from + LANES);
    });
  }
}

/** Where the first word of a message or hash is, in words of four bytes; there are four lanes. */
const addressOf = (area: number, bytes: number, index: number): number =>
  (area >> 2) + (index >> 2) * (bytes >> 2) + (index & 3);

const HIGH_BITS = 0x80808080;

/** Makes small letters of the capital ones among four characters of ASCII: adding carries these into the highest bit. */
function lowerCase(word: number): number {
  const codes = word & 0x7f7f7f7f;
  const fromA = codes + (0x80 - 0x41) * 0x01010101;
  const beyondZ = codes + (0x80 - 0x5b) * 0x01010101;
  return word | (((fromA ^ beyondZ) & HIGH_BITS) >>> 2);
}

const isPrime = (number: number): boolean => {
  for (let by = 2; by * by <= number; by++) if (number % by === 0) return false;
  return true;
};

/** The first 32 bits of the fractions of the roots of prime numbers (FIPS 180-4, sections 4.2.2 and 5.3.3). */
function fractions(count: number, root: (prime: number) => number): number[] {
  const words: number[] = [];
  for (let number = 2; words.length < count; number++)
    if (isPrime(number)) words.push(Math.floor((root(number) % 1) * 2 ** 32) | 0);
  return words;
}

const CONSTANT_WORDS = fractions(ROUNDS, Math.cbrt);
const START_WORDS = fractions(STATE_WORDS, Math.sqrt);
