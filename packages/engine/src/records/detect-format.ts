import { OPEN_BRACE, OPEN_BRACKET, skipBlanks } from "./bytes.ts";
import { headerDelimiter } from "./csv.ts";
import { isRecord } from "./exact-json.ts";
import { foreignFormat, looksBinary } from "./foreign-format.ts";
import { JsonScanner } from "./json-scanner.ts";
import { type NameMatcher, ownNames } from "./name-matcher.ts";

export type ReadableFormat =
  | { kind: "json-array" }
  /** Values one after the other, over any number of lines each. */
  | { kind: "json-sequence" }
  | { kind: "json-lines" }
  | { kind: "csv"; delimiter: string };

/** The format of an object's content; for an unreadable one, what it looks like and how to mend it. */
export type Format = ReadableFormat | { kind: "unreadable"; detail: string };

export interface Head {
  /** The content's first bytes, from its first line that is not blank, without a byte order mark. */
  bytes: Buffer;
  /** True where these are all. */
  whole: boolean;
  name: string;
  knownFields: readonly string[];
  /** What a header's names mean; by default only the known fields' own names mean something. */
  matcher?: NameMatcher | undefined;
}

/** So many lines at the beginning are looked at. */
const FIRST_LINES = 50;

const JSON_KEY = /"[^"\p{Cc}]{1,100}"\s*:/u;

/** Recognises a format by the beginning of the content; the name only helps where the content leaves a choice. */
export function detectFormat(head: Head): Format {
  const foreign = foreignFormat(head.bytes);
  if (foreign !== undefined) return { kind: "unreadable", detail: foreign };
  const text = head.bytes.toString("latin1");
  const lines = firstLines(text, head.whole);
  const header = Buffer.from(lines[0] ?? "", "latin1").toString("utf8");
  const delimiter = headerDelimiter(header, head.matcher ?? ownNames(head.knownFields));
  const first = head.bytes[skipBlanks(head.bytes, 0, head.bytes.length)];
  const isJson = first === OPEN_BRACKET || first === OPEN_BRACE;
  if (!isJson && delimiter !== undefined) return { kind: "csv", delimiter };
  if (looksBinary(head.bytes) && !JSON_KEY.test(text.slice(0, 4096))) {
    return { kind: "unreadable", detail: "binary data; save it as CSV, JSON or JSON Lines" };
  }
  if (first === OPEN_BRACKET && /^\s*\[\s*(?:$|["{}\][,\-\dtfnN])|\{/.test(text))
    return { kind: "json-array" };
  if (first === OPEN_BRACE) return { kind: areLinesObjects(head, lines) ? "json-lines" : "json-sequence" };
  return damagedBeginning(head, text, lines) ?? { kind: "unreadable", detail: describeText(text, head) };
}

/** JSON whose first byte is damaged: the name says what it should be, and a brace further on agrees. */
function damagedBeginning(head: Head, text: string, lines: readonly string[]): Format | undefined {
  if (isMarkup(text)) return undefined;
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(head.name)?.[1]?.toLowerCase();
  if (ending === "json") return /\{\s*["}]/.test(text) ? { kind: "json-array" } : undefined;
  if (ending !== "txt" && ending !== "jsonl" && ending !== "ndjson") return undefined;
  return lines.some((line) => line.trimStart().startsWith("{")) ? { kind: "json-lines" } : undefined;
}

/** The first lines that are not blank, and whole. */
function firstLines(text: string, whole: boolean): string[] {
  const lines = text.split(/\r\n|\n|\r/, FIRST_LINES + 1);
  if (lines.length > FIRST_LINES || (!whole && lines.length > 1)) lines.pop();
  return lines.filter((line) => line.trim() !== "");
}

/**
 * True where content that begins with a brace has one object in each line, as opposed to objects that span lines, or
 * that are separated by commas (an array whose bracket is missing). Where no line tells, the name decides.
 */
function areLinesObjects(head: Head, lines: readonly string[]): boolean {
  let alone = 0;
  let withComma = 0;
  for (const [index, line] of lines.entries()) {
    // An indented object is part of one that spans lines.
    if (index > 0 && !line.startsWith("{")) continue;
    if (isObject(line)) alone++;
    else if (isObject(line.replace(/,\s*$/, ""))) withComma++;
  }
  const named = !/\.json(?:\.gz)?$/i.test(head.name);
  if (alone !== withComma) return alone > withComma;
  return named && (alone > 0 || !spansLines(head));
}

/** True where the object that the content begins with closes in a later line. */
function spansLines({ bytes }: Head): boolean {
  const start = skipBlanks(bytes, 0, bytes.length);
  const scanner = new JsonScanner();
  if (scanner.run(bytes, start, bytes.length) !== "closed") return false;
  const text = bytes.toString("latin1", start, scanner.at);
  return /[\r\n]/.test(text) && isObject(text);
}

function isObject(text: string): boolean {
  try {
    return isRecord(JSON.parse(text));
  } catch {
    return false;
  }
}

const isMarkup = (text: string): boolean => /^\s*<[a-z!?/]/i.test(text);

function describeText(text: string, head: Head): string {
  if (isMarkup(text)) {
    const kind = /^\s*<(?:!doctype\s+html|html|head|body)/i.test(text) ? "HTML" : "XML";
    return `${kind}; export the data as CSV, JSON or JSON Lines`;
  }
  const fields = head.knownFields.join(", ");
  return `text that is neither JSON nor CSV; a CSV file needs a first line with column names (of ${fields})`;
}
