/** Keeps what was made last, up to a size in all; what was asked for longest ago goes first. Nothing is made twice at once. */
export class ByteCache {
  readonly #entries = new Map<string, Buffer>();
  readonly #making = new Map<string, Promise<Buffer>>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** What is kept under the key, or else what `make` answers. */
  async get(key: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const kept = this.#entries.get(key);
    if (kept) {
      this.#entries.delete(key);
      this.#entries.set(key, kept);
      return kept;
    }
    let making = this.#making.get(key);
    if (!making) {
      making = make().finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    const made = await making;
    this.#keep(key, made);
    return made;
  }

  #keep(key: string, bytes: Buffer): void {
    // One that is a large part of all would push out everything else.
    if (bytes.length > this.#mostBytes / 4 || this.#entries.has(key)) return;
    this.#entries.set(key, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, { length }] of this.#entries) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= length;
    }
  }
}
