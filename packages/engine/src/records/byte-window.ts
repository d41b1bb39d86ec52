/**
 * The bytes of a stream that are not yet consumed, in one piece. A splitter looks at all of them at once and says
 * how many it has consumed; it keeps no state about the others. Where it needs more bytes to decide, it is asked
 * again only when the window has doubled: so a record that comes in many small chunks costs linear work, and the
 * result does not depend on where the chunks end.
 */
export class ByteWindow {
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** True where `#bytes` was allocated here and may be written to. */
  #owned = false;
  #wanted = 1;

  /** The bytes that are not yet consumed; valid until the next `append`. */
  get view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** True where enough has come since the splitter last stopped. */
  get worthAsking(): boolean {
    return this.#end - this.#start >= this.#wanted;
  }

  append(chunk: Uint8Array): void {
    const pending = this.#end - this.#start;
    if (pending === 0) {
      this.#bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#owned = false;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    if (!this.#owned || this.#end + chunk.length > this.#bytes.length) this.#makeRoom(pending, chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  consume(count: number): void {
    this.#start += count;
    this.#wanted = Math.max(1, 2 * (this.#end - this.#start));
  }

  #makeRoom(pending: number, incoming: number): void {
    const needed = pending + incoming;
    const roomy = this.#owned && needed <= this.#bytes.length / 2;
    const target = roomy ? this.#bytes : Buffer.allocUnsafeSlow(Math.max(64, 2 * needed));
    this.#bytes.copy(target, 0, this.#start, this.#end);
    this.#bytes = target;
    this.#owned = true;
    this.#start = 0;
    this.#end = pending;
  }
}
