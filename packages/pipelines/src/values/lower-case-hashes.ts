import type { Cells, CsvBuffer } from "@ingot/engine/records";
import { BATCH, MAX_MESSAGE_BYTES, Sha256Lanes } from "./sha256-lanes.ts";
import { keyBlock, textHash } from "./text-hash.ts";

/** So many texts are hashed before it is worth to prepare for more. */
const FEW_TEXTS = 1000;
const DIGITS_PER_WORD = 8;

/**
 * Writes hashes of texts in lower case into rows of CSV. Where there are many texts, short ones of ASCII, as nearly all
 * are, never become strings, and are hashed by the batch: their rows get the digits later, at the latest by `finish`.
 */
export class LowerCaseHashes {
  readonly #key: string | undefined;
  readonly #digits: number;
  readonly #hash: (text: string) => string;
  #texts = 0;
  #lanes: Sha256Lanes | undefined;
  /** The rows that lack digits, and where. */
  #rows: CsvBuffer | undefined;
  readonly #places = new Int32Array(BATCH);
  #count = 0;

  /**
   * @param key see `textHash`
   * @param digits how many hexadecimal digits of the hash are written, a multiple of eight
   */
  constructor(key: string | undefined, digits: number) {
    this.#key = key;
    this.#digits = digits;
    this.#hash = textHash(key);
  }

  /** Appends the hash of a field's text to a row. */
  append(cells: Cells, field: number, rows: CsvBuffer): void {
    if (this.#batched(cells, field, rows)) return;
    rows.text(this.#hash(cells.text(field).toLowerCase()).slice(0, this.#digits));
    this.#texts += 1;
    if (this.#texts === FEW_TEXTS)
      this.#lanes = Sha256Lanes.create(this.#key === undefined ? undefined : keyBlock(this.#key));
  }

  /** Writes the digits that are still missing. */
  finish(): void {
    if (this.#count === 0 || this.#lanes === undefined) return;
    this.#lanes.hash(this.#count);
    const { view } = this.#rows!;
    const words = this.#digits / DIGITS_PER_WORD;
    for (let index = 0; index < this.#count; index++) {
      const at = this.#places[index]!;
      for (let word = 0; word < words; word++)
        writeHex(view, at + word * DIGITS_PER_WORD, this.#lanes.wordOf(index, word));
    }
    this.#count = 0;
  }

  #batched({ view, starts, ends }: Cells, field: number, rows: CsvBuffer): boolean {
    const start = starts[field]!;
    const end = ends[field]!;
    if (this.#lanes === undefined || end - start > MAX_MESSAGE_BYTES) return false;
    if (this.#count === BATCH || this.#rows !== rows) this.finish();
    if (!this.#lanes.putLowerCase(this.#count, view, start, end)) return false;
    this.#rows = rows;
    this.#places[this.#count] = rows.reserve(this.#digits);
    this.#count += 1;
    return true;
  }
}

/** The two digits of each byte. */
const PAIRS = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, "0")).readUint16BE(),
);

function writeHex(target: DataView, at: number, word: number): void {
  target.setUint16(at, PAIRS[word >>> 24]!);
  target.setUint16(at + 2, PAIRS[(word >>> 16) & 0xff]!);
  target.setUint16(at + 4, PAIRS[(word >>> 8) & 0xff]!);
  target.setUint16(at + 6, PAIRS[word & 0xff]!);
}
