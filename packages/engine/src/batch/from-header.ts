import { OPEN_BRACE, OPEN_BRACKET, skipBlanks } from "../records/bytes.ts";
import { likelyHeader } from "../records/csv.ts";
import type { NameMatcher } from "../records/name-matcher.ts";

/** The header is looked for in so many lines, and so many bytes. */
const HEADER_LINES = 20;
const HEAD_BYTES = 64 * 1024;

const LINE = /[^\r\n]*(?:\r\n|\n|\r|$)/g;
const LINE_END = /[\r\n]*$/;

/**
 * The same text, UTF-8, without what stands in lines above a CSV header: titles, notes, Excel's `sep=;`. Their line ends
 * stay, so that lines keep their numbers. The header is the first line with the most known names.
 */
export async function* fromHeader(
  text: AsyncIterable<Buffer>,
  names: NameMatcher,
): AsyncGenerator<Buffer, void, undefined> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of text) {
    if (head === undefined) yield chunk;
    else {
      head = Buffer.concat([head, chunk]);
      if (head.length < HEAD_BYTES) continue;
      yield withoutTitles(head, names);
      head = undefined;
    }
  }
  if (head !== undefined) yield withoutTitles(head, names);
}

function withoutTitles(head: Buffer, names: NameMatcher): Buffer {
  const first = head[skipBlanks(head, 0, head.length)];
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return head;
  const lines = head.toString("utf8", 0, HEAD_BYTES).match(LINE)!.slice(0, HEADER_LINES);
  const counts = lines.map((line) => likelyHeader(line.replace(LINE_END, ""), names).fields);
  const header = counts.indexOf(Math.max(...counts));
  if (header === 0) return head;
  const above = lines.slice(0, header);
  const ends = above.map((line) => LINE_END.exec(line)![0]).join("");
  return Buffer.concat([Buffer.from(ends), head.subarray(Buffer.byteLength(above.join("")))]);
}
