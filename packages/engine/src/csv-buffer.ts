import { csvLine } from "./csv-writer.ts";
import type { RecordSource } from "./records/record-sink.ts";

const FIRST_BYTES = 16 * 1024;
const COMMA = 0x2c;
const LF = 0x0a;

/** 0 for bytes that need quotes around their value. */
const PLAIN = new Uint8Array(256).fill(1);
for (const character of '",\r\n') PLAIN[character.charCodeAt(0)] = 0;

/**
 * Rows of CSV as bytes, the same that `csvLine` writes as text, in memory that is used again. A value that is still as
 * it came is copied from where it stands in the file, which costs less than any way through a string.
 */
export class CsvBuffer {
  /** Where the values of the last row end in `bytes`, where it has no quotes. */
  readonly ends: Float64Array;
  /** Where the last row begins in `bytes`. */
  start = 0;
  readonly #sourceOf: Int32Array;
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** @param sourceOf for each column the position of the field among the known ones that it most often repeats, or -1 */
  constructor(sourceOf: readonly number[]) {
    this.#sourceOf = Int32Array.from(sourceOf);
    this.ends = new Float64Array(sourceOf.length);
  }

  /** How many bytes the rows have. */
  get length(): number {
    return this.#length;
  }

  /** The rows; valid until the next change. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * Appends a row.
   *
   * @param given the values of the known fields
   * @param source where they stand
   * @returns true where the row has no quotes, so that `ends` tells of it
   */
  append(values: readonly string[], given: readonly unknown[], source: RecordSource): boolean {
    const start = this.#length;
    // Three bytes a UTF-16 unit is the most that UTF-8 takes.
    let most = values.length;
    for (let column = 0; column < values.length; column++) most += 3 * values[column]!.length;
    this.#makeRoom(most);
    const target = this.#bytes;
    const { bytes, spans } = source;
    let to = start;
    for (let column = 0; column < values.length; column++) {
      const value = values[column]!;
      const field = this.#sourceOf[column]!;
      const from = field !== -1 && value === given[field] ? spans[2 * field]! : -1;
      if (from !== -1) {
        const end = spans[2 * field + 1]!;
        for (let at = from; at < end; at++) {
          const byte = bytes[at]!;
          if (PLAIN[byte] === 0) return this.#appendQuoted(values);
          target[to++] = byte;
        }
      } else {
        const { length } = value;
        for (let at = 0; at < length; at++) {
          const code = value.charCodeAt(at);
          if (code > 0x7f || PLAIN[code] === 0) return this.#appendQuoted(values);
          target[to++] = code;
        }
      }
      this.ends[column] = to;
      target[to++] = COMMA;
    }
    if (to <= start + 1) return this.#appendQuoted(values);
    target[to - 1] = LF;
    this.start = start;
    this.#length = to;
    return true;
  }

  clear(): void {
    this.#length = 0;
  }

  #appendQuoted(values: readonly string[]): false {
    const line = csvLine(values);
    this.#makeRoom(3 * line.length);
    this.#length += this.#bytes.write(line, this.#length, "utf8");
    return false;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
