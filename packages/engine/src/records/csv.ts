import { countLineEnds, NEED_MORE, QUOTE } from "./bytes.ts";
import { CsvRowScanner, valuesOf } from "./csv-scanner.ts";
import { NOT_PLAIN } from "./flat-objects.ts";
import { LineReader } from "./line-reader.ts";
import type { NameMatcher } from "./name-matcher.ts";
import type { PlainRows } from "./plain-rows.ts";
import { INVALID_UTF8, type Problem, rejection } from "./rejection.ts";
import { decode } from "./text.ts";

const STRAY_QUOTE: Problem = {
  reason: "invalid_csv",
  detail: "a quote that is not closed, or text after a closed one",
};

/**
 * Reads CSV with a header: RFC 4180 and what people really have. A row that goes on beyond its line is believed only
 * where it has exactly as many values as the header; otherwise its first line has a stray quote, and only that line
 * is rejected.
 */
export class CsvReader extends LineReader {
  readonly #delimiter: string;
  readonly #matcher: NameMatcher;
  readonly #scanner: CsvRowScanner;
  #names: readonly string[] = [];
  /** The header's columns; 0 as long as it is not read. */
  #width = 0;
  /** The columns that are known: where they stand, and their field's name. */
  #columns: readonly (readonly [position: number, field: string])[] = [];
  #quote = -1;
  readonly #plain: PlainRows | undefined;

  /** @param plain reads plain rows, where only the known fields are asked for */
  constructor(
    delimiter: string,
    matcher: NameMatcher,
    line: number,
    maxRecordBytes: number,
    plain: PlainRows | undefined,
  ) {
    super(line, maxRecordBytes);
    this.#delimiter = delimiter;
    this.#matcher = matcher;
    this.#scanner = new CsvRowScanner(delimiter.charCodeAt(0));
    this.#plain = plain;
  }

  /** The names of the columns; `undefined` as long as the header is not read. */
  get header(): readonly string[] | undefined {
    return this.#width === 0 ? undefined : this.#names;
  }

  get names(): ReadonlyMap<string, number> {
    return new Map(
      this.#names.flatMap((name) => (name.trim() === "" ? [] : [[name.trim().toLowerCase(), 1]])),
    );
  }

  set header(names: readonly string[]) {
    this.#names = names;
    this.#width = names.length;
    this.#columns = this.#matcher.columnsOf(names);
    this.#plain?.setColumns(names.length, this.#columns);
  }

  protected override get isFresh(): boolean {
    return this.#width > 0;
  }

  protected override begin(): void {
    this.#quote = -1;
    this.#plain?.reset(this.bytes, this.charset);
  }

  protected override plainRecord(start: number): number {
    if (this.#plain === undefined || this.#width === 0) return NEED_MORE;
    const next = this.#plain.read(start, Math.min(this.bytes.length, start + this.maxRecordBytes));
    if (next === NOT_PLAIN) return NEED_MORE;
    this.give(this.#plain.cells, start, this.#plain.end);
    return next;
  }

  protected override record(start: number, end: number): number {
    if (this.#width === 0) return this.#header(start, end);
    if (this.#quote < start) {
      const quote = this.bytes.indexOf(QUOTE, start);
      this.#quote = quote === -1 ? this.bytes.length : quote;
    }
    if (this.#quote < end) return this.#quoted(start, end);
    const raw = decode(this.bytes, start, end, this.charset);
    if (raw === undefined) this.#reject(start, end, INVALID_UTF8);
    else this.#row(start, end, raw, raw.split(this.#delimiter));
    return this.nextLine(end);
  }

  #quoted(start: number, lineEnd: number): number {
    const scanner = this.#scanner;
    const limit = start + this.maxRecordBytes;
    const outcome = scanner.scan(this.bytes, start, lineEnd, this.#width, limit, this.final);
    if (outcome === "open") return NEED_MORE;
    const { end, values } = scanner;
    if (outcome === "malformed" || (end > lineEnd && values !== this.#width)) {
      this.#reject(start, lineEnd, STRAY_QUOTE);
      return this.nextLine(lineEnd);
    }
    // Whether the row ends with CR or CRLF must be known before it is taken.
    if (this.lines.end(end) === NEED_MORE) return NEED_MORE;
    const raw = decode(this.bytes, start, end, this.charset);
    if (raw === undefined) this.#reject(start, end, INVALID_UTF8);
    else this.#row(start, end, raw, valuesOf(raw, this.#delimiter));
    this.position += countLineEnds(this.bytes, start, end);
    return this.nextLine(end);
  }

  #row(start: number, end: number, raw: string, values: string[]): void {
    if (values.length > this.#width && values.slice(this.#width).some((value) => value.trim() !== "")) {
      const detail = `${values.length} values, but the header has ${this.#width} columns`;
      this.#reject(start, end, { reason: "invalid_csv", detail });
      return;
    }
    this.mark(start, end);
    const fields: Record<string, string> = {};
    for (const [position, field] of this.#columns) {
      const value = values[position];
      if (value !== undefined) fields[field] = value;
    }
    this.out.record(fields, { line: this.position }, raw);
  }

  #header(start: number, lineEnd: number): number {
    const limit = start + this.maxRecordBytes;
    const outcome = this.#scanner.scan(
      this.bytes,
      start,
      lineEnd,
      Number.POSITIVE_INFINITY,
      limit,
      this.final,
    );
    if (outcome === "open") return NEED_MORE;
    const { end: rowEnd } = this.#scanner;
    const row =
      outcome === "whole" ? valuesOf(this.bytes.toString("utf8", start, rowEnd), this.#delimiter) : [];
    // A stray quote in the header must not make rows a part of it; real names with line ends are single words.
    const believed =
      outcome === "whole" && (rowEnd === lineEnd || !row.some((name) => this.#swallowsRows(name)));
    const end = believed ? rowEnd : lineEnd;
    if (this.lines.end(end) === NEED_MORE) return NEED_MORE;
    const names = believed ? row : looseValuesOf(this.bytes.toString("utf8", start, end), this.#delimiter);
    this.header = names;
    this.position += countLineEnds(this.bytes, start, end);
    return this.nextLine(end);
  }

  #swallowsRows(name: string): boolean {
    return /[\r\n]/.test(name) && name.includes(this.#delimiter);
  }

  #reject(start: number, end: number, problem: Problem): void {
    this.mark(start, end);
    this.out.reject(rejection(this.bytes.subarray(start, end), { line: this.position }, problem));
  }
}

/** The delimiters that are tried, the usual one first. */
const DELIMITERS = [",", ";", "\t", "|"] as const;

/** The delimiter with which a line, read as a header, has the most known fields; `undefined` where it has none. */
export function headerDelimiter(line: string, matcher: NameMatcher): string | undefined {
  return likelyHeader(line, matcher).delimiter;
}

/** The same, and how many known fields that are. */
export function likelyHeader(
  line: string,
  matcher: NameMatcher,
): { delimiter: string | undefined; fields: number } {
  let delimiter: string | undefined;
  let fields = 0;
  for (const candidate of DELIMITERS) {
    const count = matcher.columnsOf(looseValuesOf(line, candidate)).length;
    if (count > fields) {
      delimiter = candidate;
      fields = count;
    }
  }
  return { delimiter, fields };
}

/** A header's names where its quotes may be damaged. */
function looseValuesOf(line: string, delimiter: string): string[] {
  return line.split(delimiter).map((name) => name.trim().replace(/^"|"$/g, ""));
}
