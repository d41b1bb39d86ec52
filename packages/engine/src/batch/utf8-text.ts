import { isAscii, isUtf8 } from "node:buffer";
import { CR, LF } from "../records/bytes.ts";
import { foreignFormat } from "../records/foreign-format.ts";
import { wholeCharacters } from "../records/text.ts";

/* Byte order marks. */
const UTF_8 = Buffer.from([0xef, 0xbb, 0xbf]);
const UTF_16_LE = Buffer.from([0xff, 0xfe]);
const UTF_16_BE = Buffer.from([0xfe, 0xff]);
/** UTF-32, of which nobody knows an export; the readers say so. */
const UTF_32_LE = Buffer.from([0xff, 0xfe, 0, 0]);

/** So many bytes tell the encoding, and what is no text. */
const HEAD_BYTES = 4096;

/** So much of a line that is not ASCII is decided about together. */
const MOST_LINE_BYTES = 64 * 1024;

/**
 * The same text in UTF-8 without a byte order mark, whatever it is written in: UTF-8, UTF-16 with a byte order mark, and
 * line by line Windows-1252 (which Latin-1 is a part of) where a line is no UTF-8. The result does not depend on how `body` is cut in chunks; memory is bounded.
 */
export async function* utf8Text(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let head = Buffer.alloc(0);
  let text: TextPieces | undefined;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (text) yield* text.push(bytes);
    else {
      head = Buffer.concat([head, bytes]);
      if (head.length < HEAD_BYTES) continue;
      text = textOf(head);
      yield* text.push(head.subarray(text.markBytes));
    }
  }
  if (!text) {
    text = textOf(head);
    yield* text.push(head.subarray(text.markBytes));
  }
  yield* text.end();
}

interface TextPieces {
  /** How long the byte order mark is. */
  markBytes: number;
  push(bytes: Buffer): Iterable<Buffer>;
  end(): Iterable<Buffer>;
}

/** @param head the first bytes, or all */
function textOf(head: Buffer): TextPieces {
  const begins = (mark: Buffer): boolean => head.subarray(0, mark.length).equals(mark);
  if (begins(UTF_8)) return new LinesOfText(UTF_8.length);
  if (begins(UTF_32_LE)) return new ForeignBytes();
  if (begins(UTF_16_LE)) return new WideText("utf-16le");
  if (begins(UTF_16_BE)) return new WideText("utf-16be");
  return foreignFormat(head) === undefined ? new LinesOfText(0) : new ForeignBytes();
}

/** What is no text stays as it is: readers say what it is. */
class ForeignBytes implements TextPieces {
  readonly markBytes = 0;

  push(bytes: Buffer): Buffer[] {
    return [bytes];
  }

  end(): Buffer[] {
    return [];
  }
}

class WideText implements TextPieces {
  readonly markBytes = UTF_16_LE.length;
  readonly #decoder: InstanceType<typeof TextDecoder>;

  constructor(encoding: string) {
    this.#decoder = new TextDecoder(encoding);
  }

  *push(bytes: Buffer): Iterable<Buffer> {
    yield Buffer.from(this.#decoder.decode(bytes, { stream: true }));
  }

  *end(): Iterable<Buffer> {
    yield Buffer.from(this.#decoder.decode());
  }
}

const WINDOWS_1252 = new TextDecoder("windows-1252");

/** Lines of UTF-8 as they are, others decoded. */
class LinesOfText implements TextPieces {
  readonly markBytes: number;
  /** The part of the last line that is not decided: it begins with a byte beyond ASCII. */
  #open: Buffer = Buffer.alloc(0);

  constructor(markBytes: number) {
    this.markBytes = markBytes;
  }

  *push(bytes: Buffer): Iterable<Buffer> {
    if (this.#open.length === 0 && isAscii(bytes)) {
      yield bytes;
      return;
    }
    const all = this.#open.length === 0 ? bytes : Buffer.concat([this.#open, bytes]);
    const lineStart = Math.max(all.lastIndexOf(LF), all.lastIndexOf(CR)) + 1;
    yield decodedLines(all.subarray(0, lineStart));
    const line = all.subarray(lineStart);
    const decided = decidedEnd(line);
    yield decodedLine(line.subarray(0, decided));
    // Chunks may be memory that is used again.
    this.#open = Buffer.from(line.subarray(decided));
  }

  *end(): Iterable<Buffer> {
    yield decodedLine(this.#open);
  }
}

/** Where in a line that goes on begins what more bytes may decide otherwise. */
function decidedEnd(line: Buffer): number {
  for (let at = 0; ; ) {
    at = firstWide(line, at);
    if (line.length - at < MOST_LINE_BYTES + LONGEST_CHARACTER) return at;
    at = pieceEnd(line, at);
  }
}

function firstWide(bytes: Buffer, start: number): number {
  if (isAscii(bytes.subarray(start))) return bytes.length;
  let at = start;
  while (bytes[at]! < 0x80) at += 1;
  return at;
}

const LONGEST_CHARACTER = 4;

const pieceEnd = (line: Buffer, start: number): number =>
  start + wholeCharacters(line.subarray(start), Math.min(MOST_LINE_BYTES, line.length - start));

/** Whole lines. */
function decodedLines(bytes: Buffer): Buffer {
  if (isUtf8(bytes)) return bytes;
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = lineEnd(bytes, start);
    lines.push(decodedLine(bytes.subarray(start, end)));
    start = end;
  }
  return Buffer.concat(lines);
}

/** The position after the first line end from `start` on; a CR counts as one, with an LF behind it or not. */
function lineEnd(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at += 1;
  return at + 1;
}

/** A line, or the beginning of one that `decidedEnd` gives. */
function decodedLine(line: Buffer): Buffer {
  if (isUtf8(line)) return line;
  const pieces: Buffer[] = [];
  for (let start = 0; start < line.length; ) {
    const wide = firstWide(line, start);
    const end = line.length - wide < MOST_LINE_BYTES + LONGEST_CHARACTER ? line.length : pieceEnd(line, wide);
    const piece = line.subarray(wide, end);
    pieces.push(line.subarray(start, wide), isUtf8(piece) ? piece : Buffer.from(WINDOWS_1252.decode(piece)));
    start = end;
  }
  return Buffer.concat(pieces);
}
