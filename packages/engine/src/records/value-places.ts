import { BACKSLASH, CLOSE_BRACE, COLON, COMMA, OPEN_BRACE, QUOTE, skipBlanks } from "./bytes.ts";

/** Where a value stands in its record's bytes. */
export interface ValuePlace {
  start: number;
  end: number;
}

/** The values of a CSV row that a reader has found whole: all between two delimiters, quotes and blanks included. */
export function csvPlaces(row: Buffer, delimiter: string): ValuePlace[] {
  const mark = delimiter.charCodeAt(0);
  const places: ValuePlace[] = [];
  for (let start = 0; ; ) {
    const from = row[start] === QUOTE ? closingQuote(row, start + 1) + 1 : start;
    const next = row.indexOf(mark, from);
    const end = next === -1 ? row.length : next;
    places.push({ start, end });
    if (next === -1) return places;
    start = end + 1;
  }
}

function closingQuote(row: Buffer, start: number): number {
  let at = start;
  for (; at < row.length; at++) {
    if (row[at] !== QUOTE) continue;
    if (row[at + 1] !== QUOTE) return at;
    at++;
  }
  return row.length;
}

/** The members of a JSON object that a reader has found whole, in their order. */
export function jsonPlaces(record: Buffer): (ValuePlace & { name: string })[] {
  const places: (ValuePlace & { name: string })[] = [];
  let at = record.indexOf(OPEN_BRACE) + 1;
  for (;;) {
    at = skipBlanks(record, at, record.length);
    if (at >= record.length || record[at] === CLOSE_BRACE) return places;
    if (record[at] === COMMA) {
      at++;
      continue;
    }
    const nameEnd = valueEnd(record, at);
    const name = JSON.parse(record.toString("utf8", at, nameEnd)) as string;
    const colon = skipBlanks(record, nameEnd, record.length);
    if (record[colon] !== COLON) throw new Error("this is no JSON object");
    const start = skipBlanks(record, colon + 1, record.length);
    const end = valueEnd(record, start);
    places.push({ name, start, end });
    at = end;
  }
}

const OPENING = new Set([...Buffer.from("{[")]);
const CLOSING = new Set([...Buffer.from("}]")]);
/** What may follow a number, true, false or null. */
const AFTER_SCALAR = new Set([...Buffer.from(",}] \t\r\n")]);

function valueEnd(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) at = stringEnd(bytes, at);
    else if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte)) depth--;
    else if (depth > 0) continue;
    else {
      while (at < bytes.length && !AFTER_SCALAR.has(bytes[at]!)) at++;
      return at;
    }
    if (depth === 0) return at + 1;
  }
  return bytes.length;
}

/** The position of the quote that ends the string which begins at `start`. */
function stringEnd(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
