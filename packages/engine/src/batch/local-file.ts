import { once } from "node:events";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { finished } from "node:stream/promises";

/** A file that is written from its beginning to its end, and read then. */
export class LocalFile {
  readonly path: string;
  #stream: WriteStream | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Waits until what was written does not pile up. */
  async write(chunk: string | Uint8Array): Promise<void> {
    this.#stream ??= createWriteStream(this.path);
    if (!this.#stream.write(chunk)) await once(this.#stream, "drain");
  }

  async close(): Promise<void> {
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
}
