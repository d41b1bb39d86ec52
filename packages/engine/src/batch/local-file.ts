import { once } from "node:events";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { finished } from "node:stream/promises";

const WRITE_BYTES = 1024 * 1024;

/** A file that is written from its beginning to its end in pieces that are worth a write, and read then. */
export abstract class LocalFile {
  readonly path: string;
  #stream: WriteStream | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** About how many bytes were added and not written yet. */
  protected abstract readonly pendingBytes: number;
  /** Gives what is pending, for good: the stream may hold on to it. */
  protected abstract takePending(): string | Uint8Array;

  /** Waits until what was added does not pile up. To be called after some hundred pieces. */
  async drained(): Promise<void> {
    if (this.pendingBytes >= WRITE_BYTES) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    this.#stream!.end();
    await finished(this.#stream!);
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
    if (!this.#stream.write(this.takePending())) await once(this.#stream, "drain");
  }
}
