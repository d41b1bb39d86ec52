import { LocalFile } from "./local-file.ts";

const WRITE_BYTES = 1024 * 1024;

/** Lines on their way into a local file; memory is bounded. */
export class LineFile extends LocalFile {
  /** How many lines were added. */
  lines = 0;
  #pending: string[] = [];
  #length = 0;

  /** @param line with its line end */
  add(line: string): void {
    this.#pending.push(line);
    this.#length += line.length;
    this.lines += 1;
  }

  /** Waits until what was added does not pile up. To be called after some hundred lines. */
  async drained(): Promise<void> {
    if (this.#length >= WRITE_BYTES) await this.#flush();
  }

  override async close(): Promise<void> {
    await this.#flush();
    await super.close();
  }

  async #flush(): Promise<void> {
    const text = this.#pending.join("");
    this.#pending = [];
    this.#length = 0;
    await this.write(text);
  }
}
