import { viewOf, withRoom, writeDigits } from "./byte-memory.ts";
import { csvValue } from "./csv-writer.ts";
import type { Cells } from "./records/cells.ts";

const FIRST_BYTES = 16 * 1024;
const QUOTE = 0x22;
const COMMA = 0x2c;
const CR = 0x0d;
const LF = 0x0a;

/** 0 for bytes that need quotes around their value. */
const PLAIN = new Uint8Array(256).fill(1);
for (const byte of [QUOTE, COMMA, CR, LF]) PLAIN[byte] = 0;

/**
 * Rows of CSV as bytes, the same that `csvLine` writes as text, in memory that is used again. Values are appended one by
 * one; a value that is still as it came is copied from where it stands in the file.
 */
export class CsvBuffer {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #length = 0;

  /** How many bytes the rows have. */
  get length(): number {
    return this.#length;
  }

  /** The rows; valid until the next change. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The memory in which the rows are; another one after the next value. */
  get memory(): Buffer {
    return this.#bytes;
  }

  /** The same memory. */
  get view(): DataView {
    return this.#view;
  }

  /** Appends the text of a field. */
  cell(cells: Cells, field: number): void {
    const start = cells.starts[field]!;
    const end = cells.ends[field]!;
    this.#makeRoom(end - start + 1);
    const target = this.#view;
    const { view } = cells;
    let to = this.#length;
    let at = start;
    // Four bytes at a time, as long as none of them is a quote, a comma or a control character.
    for (; at + 4 <= end; at += 4, to += 4) {
      const word = view.getInt32(at, true);
      const quotes = word ^ 0x22222222;
      const commas = word ^ 0x2c2c2c2c;
      const special =
        ((quotes - 0x01010101) & ~quotes) | ((commas - 0x01010101) & ~commas) | ((word - 0x20202020) & ~word);
      if ((special & 0x80808080) !== 0) break;
      target.setInt32(to, word, true);
    }
    for (; at < end; at++) {
      const byte = view.getUint8(at);
      if (PLAIN[byte] === 0) {
        this.text(cells.text(field));
        return;
      }
      target.setUint8(to++, byte);
    }
    target.setUint8(to, COMMA);
    this.#length = to + 1;
  }

  text(value: string): void {
    const { length } = value;
    this.#makeRoom(length + 1);
    const target = this.#bytes;
    let to = this.#length;
    for (let at = 0; at < length; at++) {
      const code = value.charCodeAt(at);
      if (code > 0x7f || PLAIN[code] === 0) {
        this.#appendQuoted(csvValue(value));
        return;
      }
      target[to++] = code;
    }
    target[to++] = COMMA;
    this.#length = to;
  }

  /**
   * Appends a decimal number.
   *
   * @param whole what stands before the point, not negative
   * @param fraction what stands behind it, written with `places` digits; without a point where these are 0
   */
  decimal(whole: number, fraction: number, places: number): void {
    this.#makeRoom(MAX_DIGITS + places + 2);
    const target = this.#bytes;
    let to = this.#length;
    to += writeDigits(target, to, digitsOf(whole), whole);
    if (places > 0) {
      target[to++] = POINT;
      to += writeDigits(target, to, places, fraction);
    }
    target[to++] = COMMA;
    this.#length = to;
  }

  /** Appends a value of plain ASCII characters that the caller writes into `memory`. @returns where it begins there */
  reserve(length: number): number {
    this.#makeRoom(length + 1);
    const start = this.#length;
    this.#length += length;
    this.#bytes[this.#length++] = COMMA;
    return start;
  }

  /** Ends a row of at least two values. */
  endRow(): void {
    this.#bytes[this.#length - 1] = LF;
  }

  clear(): void {
    this.#length = 0;
  }

  #appendQuoted(value: string): void {
    this.#makeRoom(3 * value.length + 1);
    this.#length += this.#bytes.write(value, this.#length, "utf8");
    this.#bytes[this.#length++] = COMMA;
  }

  #makeRoom(bytes: number): void {
    const memory = withRoom(this.#bytes, this.#length, this.#length + bytes);
    if (memory === this.#bytes) return;
    this.#bytes = memory;
    this.#view = viewOf(memory);
  }
}

const POINT = 0x2e;
const MAX_DIGITS = 16;

function digitsOf(number: number): number {
  let digits = 1;
  for (let limit = 10; number >= limit; limit *= 10) digits++;
  return digits;
}
