import { CR, LF, NEED_MORE } from "./bytes.ts";

/** Finds line ends (LF, CRLF, lone CR) in a buffer, each byte looked at once. */
export class LineFinder {
  #bytes: Buffer = Buffer.alloc(0);
  #final = false;
  #lf = -1;
  #cr = -1;

  reset(bytes: Buffer, final: boolean): void {
    this.#bytes = bytes;
    this.#final = final;
    this.#lf = -1;
    this.#cr = -1;
  }

  /** Where the line that `at` stands in ends: the position of its line end, or NEED_MORE. The last line may have none. */
  end(at: number): number {
    const { length } = this.#bytes;
    if (this.#lf < at) this.#lf = this.#find(LF, at);
    if (this.#cr < at) this.#cr = this.#find(CR, at);
    const end = Math.min(this.#lf, this.#cr);
    if (end === length) return this.#final ? end : NEED_MORE;
    // A CR may be half of a CRLF.
    return end === this.#cr && end + 1 === length && !this.#final ? NEED_MORE : end;
  }

  /** Where the next line begins, after the line end at `end`. */
  after(end: number): number {
    return this.#bytes[end] === CR && this.#bytes[end + 1] === LF
      ? end + 2
      : Math.min(end + 1, this.#bytes.length);
  }

  #find(byte: number, at: number): number {
    const found = this.#bytes.indexOf(byte, at);
    return found === -1 ? this.#bytes.length : found;
  }
}
