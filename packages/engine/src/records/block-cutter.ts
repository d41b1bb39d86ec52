import { LF, OPEN_BRACE, QUOTE } from "./bytes.ts";
import type { ReadableFormat } from "./detect-format.ts";
import { signatureOf } from "./json-resync.ts";

/** A part of a content. */
export interface Block {
  /** Its bytes, in memory of their own. */
  bytes: Buffer;
  /** False where no place was found at which a record seems to end: it ends anywhere. */
  isCut: boolean;
}

/**
 * Cuts a content that begins between two records into blocks that most probably end between two records. That is a
 * guess: whoever reads a block finds out whether it holds.
 */
export class BlockCutter {
  readonly #format: ReadableFormat;
  readonly #blockBytes: number;
  readonly #spare: ArrayBuffer[] = [];
  /** How the elements of a JSON content begin. */
  #signature: Buffer | undefined;
  #bytes: Buffer;
  #used = 0;

  /**
   * @param pending the content's first bytes
   * @param blockBytes how many bytes are collected before a cut; four times as many where no record seems to end
   */
  constructor(format: ReadableFormat, pending: Buffer, blockBytes: number) {
    this.#format = format;
    this.#blockBytes = blockBytes;
    this.#bytes = this.#memory(pending.length);
    this.#used = pending.copy(this.#bytes);
  }

  /** Takes a chunk and gives a block as soon as there is one. */
  push(chunk: Uint8Array): Block | undefined {
    if (this.#used + chunk.length > this.#bytes.length)
      this.#move(this.#memory(this.#used + chunk.length), 0);
    this.#bytes.set(chunk, this.#used);
    this.#used += chunk.length;
    if (this.#used < this.#blockBytes) return undefined;
    const end = this.#boundary(this.#bytes.subarray(0, this.#used));
    if (end > 0) return this.#take(end, true);
    return this.#used >= 4 * this.#blockBytes ? this.#take(this.#used, false) : undefined;
  }

  /** What remains. To be called when nothing more comes. */
  rest(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  /** Gives a block's memory back, to be used again. */
  recycle(memory: ArrayBuffer): void {
    this.#spare.push(memory);
  }

  #take(end: number, isCut: boolean): Block {
    const bytes = this.#bytes.subarray(0, end);
    this.#move(this.#memory(this.#used - end), end);
    return { bytes, isCut };
  }

  /** Goes on in other memory, with the bytes from `start` on. */
  #move(memory: Buffer, start: number): void {
    this.#bytes.copy(memory, 0, start, this.#used);
    this.#used -= start;
    this.#bytes = memory;
  }

  #memory(atLeast: number): Buffer {
    // A block is complete as soon as it is full, so that the last chunk goes beyond by less than a block.
    const size = Math.max(2 * this.#blockBytes, atLeast);
    const spare = this.#spare.pop();
    return Buffer.from(spare && spare.byteLength >= size ? spare : new ArrayBuffer(size));
  }

  /** Where the last record that seems whole ends, with its delimiter; 0 or less where that is nowhere. */
  #boundary(bytes: Buffer): number {
    if (this.#format.kind === "json-lines") return bytes.lastIndexOf(LF) + 1;
    if (this.#format.kind === "csv") return lastRowEnd(bytes);
    this.#signature ??= signatureOf(bytes, bytes.indexOf(OPEN_BRACE));
    return this.#signature === undefined ? 0 : bytes.lastIndexOf(this.#signature);
  }
}

/** The end of the last line that is not inside quotes, where their number tells. */
function lastRowEnd(bytes: Buffer): number {
  const last = bytes.lastIndexOf(LF) + 1;
  if (hasEvenQuotes(bytes.subarray(0, last))) return last;
  let isQuoted = false;
  let end = 0;
  for (let at = 0; at < last; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === LF && !isQuoted) end = at + 1;
  }
  // After a stray quote all that follows seems to be quoted.
  return end > bytes.length / 2 ? end : last;
}

/** True where as many quotes are opened as closed. */
function hasEvenQuotes(bytes: Buffer): boolean {
  let isEven = true;
  for (let at = bytes.indexOf(QUOTE); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) isEven = !isEven;
  return isEven;
}
