import { IngotError } from "@ingot/common";
import { csvLine } from "./csv-writer.ts";
import { ByteWindow } from "./records/byte-window.ts";
import { CR, countLineEnds, LF, QUOTE } from "./records/bytes.ts";
import { CsvRowScanner, valuesOf } from "./records/csv-scanner.ts";
import { type Charset, charsetOf, decode } from "./records/text.ts";

/** A row of our own is never longer: a record has 1 MiB at most, and quotes at most double it. */
const MAX_ROW_BYTES = 16 * 1024 * 1024;

const COMMA_CODE = 0x2c;

/**
 * Reads CSV that Ingot wrote itself (contract: e-commerce, section 2): rows as arrays in the order of `columns`, in
 * batches in the order of the file. The header must be exactly `columns`, and the last line end must be there: without
 * it the object is cut off.
 *
 * @throws IngotError `silver_invalid`, with the line, where the form is not kept; what `body` throws, unchanged
 */
export async function* readCsv(
  body: AsyncIterable<Uint8Array>,
  columns: readonly string[],
): AsyncGenerator<string[][], void, undefined> {
  const rows = new StrictCsv(columns);
  const window = new ByteWindow();
  for await (const chunk of body) {
    window.append(chunk);
    if (!window.worthAsking) continue;
    const batch: string[][] = [];
    window.consume(rows.read(window.view, false, batch));
    if (batch.length > 0) yield batch;
  }
  const batch: string[][] = [];
  window.consume(rows.read(window.view, true, batch));
  rows.finish();
  if (batch.length > 0) yield batch;
}

class StrictCsv {
  readonly #columns: readonly string[];
  readonly #scanner = new CsvRowScanner(COMMA_CODE);
  #line = 1;
  #headerRead = false;
  #bytes: Buffer = Buffer.alloc(0);
  #charset: Charset = "mixed";

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  /** Appends the rows of `bytes` to `batch` and returns how many bytes they have. */
  read(bytes: Buffer, final: boolean, batch: string[][]): number {
    this.#bytes = bytes;
    this.#charset = charsetOf(bytes, final);
    let quote = -1;
    let at = 0;
    while (at < bytes.length) {
      if (quote < at) quote = position(bytes, QUOTE, at);
      let end = bytes.indexOf(LF, at);
      if (end === -1 && quote === bytes.length && final)
        this.#fail("the last line has no line end: the object is cut off");
      const quoted = quote < (end === -1 ? bytes.length : end);
      if (quoted) end = this.#quotedEnd(at, end, final);
      if (end === -1) {
        if (bytes.length - at > MAX_ROW_BYTES) this.#fail("a line never ends");
        return at;
      }
      this.#row(at, end, quoted, batch);
      at = end + 1;
    }
    return at;
  }

  /** To be called at the end of the object. */
  finish(): void {
    if (!this.#headerRead) this.#fail("there is no header");
  }

  /** Where the row with quotes that begins at `start` ends; -1 where more bytes are needed. */
  #quotedEnd(start: number, lineEnd: number, final: boolean): number {
    const firstEnd = lineEnd === -1 ? this.#bytes.length : lineEnd;
    const limit = start + MAX_ROW_BYTES;
    const outcome = this.#scanner.scan(this.#bytes, start, firstEnd, this.#columns.length, limit, final);
    if (outcome === "open") return -1;
    if (outcome === "malformed") this.#fail("a quote is not closed, or not doubled");
    const { end } = this.#scanner;
    if (end === this.#bytes.length) this.#fail("the last line has no line end: the object is cut off");
    if (this.#bytes[end] === CR) this.#fail("a carriage return without quotes");
    return end;
  }

  #row(start: number, end: number, quoted: boolean, batch: string[][]): void {
    const text = decode(this.#bytes, start, end, this.#charset);
    if (text === undefined) this.#fail("bytes that are not UTF-8");
    if (!this.#headerRead) {
      if (`${text}\n` !== csvLine(this.#columns)) this.#fail(`the header is not ${this.#columns.join(",")}`);
      this.#headerRead = true;
    } else {
      const values = quoted ? valuesOf(text, ",") : text.split(",");
      if (values.length !== this.#columns.length) {
        this.#fail(`${values.length} values instead of ${this.#columns.length}`);
      }
      if (!quoted && text.includes("\r")) this.#fail("a carriage return without quotes");
      batch.push(values);
    }
    this.#line += 1 + (quoted ? countLineEnds(this.#bytes, start, end) : 0);
  }

  #fail(what: string): never {
    throw new IngotError(
      "silver_invalid",
      `line ${this.#line}: ${what}; delete the object, and it is written anew from its source`,
      { context: { line: this.#line } },
    );
  }
}

function position(bytes: Buffer, byte: number, start: number): number {
  const found = bytes.indexOf(byte, start);
  return found === -1 ? bytes.length : found;
}
