import { once } from "node:events";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { finished } from "node:stream/promises";

const WRITE_BYTES = 1024 * 1024;

/** Lines on their way into a local file; memory is bounded. The file is there once a line is. */
export class LineFile {
  readonly path: string;
  /** How many lines were added. */
  lines = 0;
  #stream: WriteStream | undefined;
  #pending: string[] = [];
  #length = 0;

  constructor(path: string) {
    this.path = path;
  }

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

  async close(): Promise<void> {
    await this.#flush();
    if (!this.#stream) return;
    this.#stream.end();
    await finished(this.#stream);
  }

  /** What was written, once it is closed. */
  read(): AsyncIterable<Uint8Array> {
    return createReadStream(this.path);
  }

  async remove(): Promise<void> {
    this.#stream?.destroy();
    await rm(this.path, { force: true });
  }

  async #flush(): Promise<void> {
    this.#stream ??= createWriteStream(this.path);
    const text = this.#pending.join("");
    this.#pending = [];
    this.#length = 0;
    if (!this.#stream.write(text)) await once(this.#stream, "drain");
  }
}
