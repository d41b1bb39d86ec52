import { CR, isBlank, LF } from "./bytes.ts";

/** So many bytes decide about the format. */
const HEAD_BYTES = 64 * 1024;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Collects the beginning of a content: without byte order mark and blank lines, but with their number. */
export class HeadCollector {
  /** The number of the line with which what is collected begins, counted from 1. */
  line = 1;
  #bytes: Buffer = Buffer.alloc(0);
  #markPassed = false;
  #lastWasCr = false;
  #blanksPassed = false;

  /** The first bytes of what is collected: the same whatever the chunks are. */
  get deciding(): Buffer {
    return this.#bytes.subarray(0, HEAD_BYTES);
  }

  /** Takes a chunk; true once enough is there to decide. */
  push(chunk: Uint8Array): boolean {
    this.#bytes =
      this.#bytes.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([this.#bytes, chunk]);
    if (!this.#markPassed) this.#passMark();
    if (this.#markPassed && !this.#blanksPassed) this.#passBlanks();
    return this.#blanksPassed && this.#bytes.length >= HEAD_BYTES;
  }

  /** To be called when nothing more comes. True where there is any content but blanks. */
  finish(): boolean {
    if (!this.#markPassed) this.#passBlanks();
    return this.#blanksPassed;
  }

  /** Gives away what is collected: everything that was pushed, but for the mark and the blank lines. */
  release(): Buffer {
    const bytes = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return bytes;
  }

  #passMark(): void {
    while (this.#bytes.length >= 3 && this.#bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)) {
      this.#bytes = this.#bytes.subarray(3);
    }
    const { length } = this.#bytes;
    this.#markPassed = length >= 3 || !BYTE_ORDER_MARK.subarray(0, length).equals(this.#bytes);
  }

  /** Drops blank lines. The blanks before the first text of its line stay: a tab may be an empty column's name. */
  #passBlanks(): void {
    let lineStart = 0;
    let at = 0;
    for (; at < this.#bytes.length && isBlank(this.#bytes[at]); at++) {
      const byte = this.#bytes[at];
      const isLineEnd = byte === LF || byte === CR;
      if (isLineEnd && !(byte === LF && this.#lastWasCr)) this.line++;
      if (isLineEnd) lineStart = at + 1;
      this.#lastWasCr = byte === CR;
    }
    this.#blanksPassed = at < this.#bytes.length;
    // What is blank so far is looked at again with the next chunk, unless it is whole lines or too much.
    const tooMuch = at - lineStart > HEAD_BYTES;
    this.#bytes = this.#bytes.subarray(tooMuch ? at : lineStart);
  }
}
