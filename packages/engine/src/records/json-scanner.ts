import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isBlank,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
} from "./bytes.ts";
import { MAX_DEPTH } from "./exact-json.ts";

/** Deeper values are broken at once: bytes with brackets that never close must not be scanned from each to the end. */
const MAX_SCAN_DEPTH = 512;

/** `closed`: the value ends at `at`. `broken`: the byte at `at` cannot stand there. `open`: all bytes fit so far. */
export type ScanOutcome = "closed" | "broken" | "open";

// What may come next. The order matters nowhere.
const VALUE = 0;
const VALUE_OR_END = 1;
const KEY = 2;
const KEY_OR_END = 3;
const AFTER_KEY = 4;
const AFTER_VALUE = 5;
const IN_SCALAR = 6;

const IN_OBJECT = 1;
const IN_ARRAY = 0;

/** Bytes of numbers, true, false and null. Whether a run of them is one of these, JSON.parse decides. */
const SCALAR = new Uint8Array(256);
for (const byte of Buffer.from("0123456789+-.eEtrufalsn")) SCALAR[byte] = 1;

/**
 * Finds where a JSON object or array ends, by its structural bytes. It knows enough of the grammar to notice soon
 * where a value is broken (a quote too few turns the rest of a file inside out): a string holds no control bytes,
 * and an object's members are key, colon, value. `JSON.parse` has the last word on a closed value; one that it would
 * accept is never called broken, except for nesting deeper than MAX_SCAN_DEPTH.
 *
 * The scan can be continued with the bytes that follow, so that a value of any length needs no memory.
 */
export class JsonScanner {
  /** Where the last `run` ended. */
  at = 0;
  /** True where the value nests deeper than MAX_DEPTH: its end is found, but it is no record. */
  isTooDeep = false;
  #depth = 0;
  #next = VALUE;
  #inString = false;
  #escaped = false;
  readonly #containers = new Uint8Array(MAX_SCAN_DEPTH + 1);

  /** Starts anew; the next `run` begins at an opening brace or bracket. */
  reset(): void {
    this.isTooDeep = false;
    this.#depth = 0;
    this.#next = VALUE;
    this.#inString = false;
    this.#escaped = false;
  }

  /** Scans `[start, end)`, from the state in which the last `run` ended. */
  run(bytes: Uint8Array, start: number, end: number): ScanOutcome {
    let at = start;
    while (at < end) {
      if (this.#inString) {
        at = this.#string(bytes, at, end);
        if (this.#inString) return this.#stop(at, at < end ? "broken" : "open");
        continue;
      }
      const byte = bytes[at]!;
      if (!isBlank(byte)) {
        if (!this.#accept(byte)) return this.#stop(at, "broken");
        if (this.#depth === 0) return this.#stop(at + 1, "closed");
      } else if (this.#next === IN_SCALAR) {
        this.#next = AFTER_VALUE;
      }
      at++;
    }
    return this.#stop(at, "open");
  }

  #stop(at: number, outcome: ScanOutcome): ScanOutcome {
    this.at = at;
    return outcome;
  }

  /** Goes on inside a string. Still inside it afterwards: at a control byte, or at the end. */
  #string(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#escaped && at < end) {
      if (bytes[at]! < SPACE) return at;
      this.#escaped = false;
      at++;
    }
    while (at < end) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.#inString = false;
        return at + 1;
      }
      if (byte < SPACE) return at;
      if (byte !== BACKSLASH) {
        at++;
      } else if (at + 1 === end) {
        this.#escaped = true;
        return end;
      } else {
        if (bytes[at + 1]! < SPACE) return at + 1;
        at += 2;
      }
    }
    return at;
  }

  #accept(byte: number): boolean {
    if (this.#next === IN_SCALAR) {
      if (SCALAR[byte] === 1) return true;
      this.#next = AFTER_VALUE;
    }
    const valueFits = this.#next === VALUE || this.#next === VALUE_OR_END;
    switch (byte) {
      case QUOTE:
        if (valueFits) this.#next = AFTER_VALUE;
        else if (this.#next === KEY || this.#next === KEY_OR_END) this.#next = AFTER_KEY;
        else return false;
        this.#inString = true;
        return true;
      case COLON:
        if (this.#next !== AFTER_KEY) return false;
        this.#next = VALUE;
        return true;
      case COMMA:
        if (this.#next !== AFTER_VALUE) return false;
        this.#next = this.#containers[this.#depth] === IN_OBJECT ? KEY : VALUE;
        return true;
      case OPEN_BRACE:
        return valueFits && this.#open(IN_OBJECT, KEY_OR_END);
      case OPEN_BRACKET:
        return valueFits && this.#open(IN_ARRAY, VALUE_OR_END);
      case CLOSE_BRACE:
        return this.#close(IN_OBJECT, KEY_OR_END);
      case CLOSE_BRACKET:
        return this.#close(IN_ARRAY, VALUE_OR_END);
      default:
        if (!valueFits || SCALAR[byte] !== 1) return false;
        this.#next = IN_SCALAR;
        return true;
    }
  }

  #open(container: number, next: number): boolean {
    if (this.#depth === MAX_SCAN_DEPTH) return false;
    this.#containers[++this.#depth] = container;
    this.isTooDeep ||= this.#depth > MAX_DEPTH;
    this.#next = next;
    return true;
  }

  #close(container: number, empty: number): boolean {
    if (this.#next !== AFTER_VALUE && this.#next !== empty) return false;
    if (this.#containers[this.#depth] !== container) return false;
    this.#depth--;
    this.#next = AFTER_VALUE;
    return true;
  }
}
