import { CR, LF, QUOTE, SPACE, TAB } from "./bytes.ts";

/** `whole`: the row ends at `end`. `malformed`: a quote is astray or never ends. `open`: the bytes end first. */
export type RowOutcome = "whole" | "malformed" | "open";

/** Finds where a row with quotes ends, and counts its values. */
export class CsvRowScanner {
  /** The position of the line end after the row. */
  end = 0;
  values = 0;
  readonly #delimiter: number;

  /** @param delimiter the byte between values */
  constructor(delimiter: number) {
    this.#delimiter = delimiter;
  }

  /**
   * Scans the row that begins at `start`.
   *
   * @param lineEnd where its first line ends. A row that goes on beyond it may not have more than `maxValues` values:
   *   otherwise a stray quote is taken for the beginning of a long row. This also bounds how often a byte is scanned,
   *   for a row can only pass over lines that add no value of their own.
   * @param limit no row is longer than this position
   * @param final true where nothing follows `bytes`
   */
  scan(
    bytes: Buffer,
    start: number,
    lineEnd: number,
    maxValues: number,
    limit: number,
    final: boolean,
  ): RowOutcome {
    let at = start;
    this.values = 1;
    for (;;) {
      if (at < bytes.length && bytes[at] === QUOTE) {
        const after = this.#closing(bytes, at + 1, limit, final);
        if (after < 0) return after === OPEN ? "open" : "malformed";
        at = after;
      } else {
        at = this.#valueEnd(bytes, at);
      }
      if (at > limit || (at > lineEnd && this.values > maxValues)) return "malformed";
      if (at === bytes.length && !final) return "open";
      if (at === bytes.length || bytes[at] !== this.#delimiter) {
        this.end = at;
        return "whole";
      }
      this.values++;
      at++;
    }
  }

  /** The position after a quoted value and the blanks behind its closing quote; OPEN or MALFORMED. */
  #closing(bytes: Buffer, start: number, limit: number, final: boolean): number {
    let at = start;
    for (;;) {
      const quote = bytes.indexOf(QUOTE, at);
      if (quote === -1) return final || bytes.length > limit ? MALFORMED : OPEN;
      if (quote >= limit) return MALFORMED;
      at = quote + 1;
      if (at === bytes.length && !final) return OPEN;
      if (bytes[at] !== QUOTE) return this.#afterQuote(bytes, at, limit, final);
      at++;
    }
  }

  #afterQuote(bytes: Buffer, start: number, limit: number, final: boolean): number {
    let at = start;
    while (at < bytes.length && at <= limit && this.#isPadding(bytes[at])) at++;
    if (at > limit) return MALFORMED;
    if (at === bytes.length) return final ? at : OPEN;
    return this.#endsValue(bytes[at]) ? at : MALFORMED;
  }

  #valueEnd(bytes: Buffer, start: number): number {
    let at = start;
    while (at < bytes.length && !this.#endsValue(bytes[at])) at++;
    return at;
  }

  #endsValue(byte: number | undefined): boolean {
    return byte === this.#delimiter || byte === LF || byte === CR;
  }

  #isPadding(byte: number | undefined): boolean {
    return byte === SPACE || (byte === TAB && this.#delimiter !== TAB);
  }
}

const OPEN = -1;
const MALFORMED = -2;

/** The values of a row with quotes that the scanner found whole. */
export function valuesOf(row: string, delimiter: string): string[] {
  const values: string[] = [];
  let at = 0;
  for (;;) {
    let end: number;
    if (row.charCodeAt(at) === QUOTE) {
      const close = closingQuote(row, at + 1);
      const inner = row.slice(at + 1, close);
      values.push(inner.includes('"') ? inner.replaceAll('""', '"') : inner);
      end = row.indexOf(delimiter, close + 1);
    } else {
      end = row.indexOf(delimiter, at);
      values.push(end === -1 ? row.slice(at) : row.slice(at, end));
    }
    if (end === -1) return values;
    at = end + 1;
  }
}

function closingQuote(row: string, start: number): number {
  let at = row.indexOf('"', start);
  while (row.charCodeAt(at + 1) === QUOTE) at = row.indexOf('"', at + 2);
  return at;
}
