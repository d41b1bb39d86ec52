const LINES_PER_CHUNK = 5_000;

/** Collects lines as UTF-8 bytes: one string could not hold the largest files. */
export class TextFile {
  private readonly chunks: Buffer[] = [];
  private pending: string[] = [];

  /** Adds `text` and a line feed. */
  line(text: string): void {
    this.pending.push(text);
    if (this.pending.length === LINES_PER_CHUNK) this.flush();
  }

  bytes(): Buffer {
    this.flush();
    return Buffer.concat(this.chunks);
  }

  private flush(): void {
    if (this.pending.length === 0) return;
    this.chunks.push(Buffer.from(`${this.pending.join("\n")}\n`));
    this.pending = [];
  }
}
