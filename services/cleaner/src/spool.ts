import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const FIRST_CHUNK_BYTES = 64 * 1024;
const MAX_CHUNK_BYTES = 1024 * 1024;
const READ_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;

/**
 * A list of texts that grows without bound and takes little memory: what does not fit goes to a temporary file,
 * which the system removes with the process. Texts are read back in the order in which they came.
 */
export class Spool {
  /** How many texts it holds. */
  count = 0;
  readonly #memoryBytes: number;
  readonly #chunkBytes: number;
  #full: Buffer[] = [];
  #fullBytes = 0;
  /** Chunks whose texts are on disk, to be used again: megabytes that come and go keep the garbage collector busy. */
  #spare: Buffer[] = [];
  #chunk: Buffer = Buffer.alloc(0);
  #used = 0;
  #file: number | undefined;
  #fileBytes = 0;

  /** @param memoryBytes how much it may keep in memory */
  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes;
    this.#chunkBytes = Math.max(FIRST_CHUNK_BYTES, Math.min(MAX_CHUNK_BYTES, memoryBytes / 4));
  }

  /** Appends a text, as UTF-8. */
  add(text: Uint8Array): void {
    const at = this.reserve(text.length);
    this.memory.set(text, at);
  }

  /** Appends a text that the caller writes into `memory`, before anything else is appended. @returns where it begins */
  reserve(length: number): number {
    const needed = length + LENGTH_BYTES;
    if (this.#chunk.length - this.#used < needed) this.#grow(needed);
    this.#chunk.writeUInt32LE(length, this.#used);
    this.#used += needed;
    this.count += 1;
    return this.#used - length;
  }

  /** Where the text that was appended last lies. */
  get memory(): Buffer {
    return this.#chunk;
  }

  /** All texts. One that was kept in memory is valid until the spool is closed. */
  *texts(): Generator<Buffer> {
    yield* this.#textsOfFile();
    for (const chunk of this.#full) yield* split(chunk);
    yield* split(this.#chunk.subarray(0, this.#used));
  }

  /** All texts one after the other, and where each of them ends. @param memory where they go, if it is large enough */
  join(memory?: Buffer): { bytes: Buffer; ends: number[] } {
    const inMemory = [...this.#full, this.#chunk.subarray(0, this.#used)];
    const size = this.#fileBytes + inMemory.reduce((sum, { length }) => sum + length, 0);
    const bytes = memory && memory.length >= size ? memory : Buffer.allocUnsafeSlow(Math.ceil(1.1 * size));
    let used = this.#read(bytes.subarray(0, this.#fileBytes), 0);
    for (const chunk of inMemory) used += chunk.copy(bytes, used);
    const ends: number[] = [];
    let to = 0;
    for (let at = 0; at < used; ) {
      const start = at + LENGTH_BYTES;
      at = start + bytes.readUInt32LE(at);
      bytes.copyWithin(to, start, at);
      to += at - start;
      ends.push(to);
    }
    return { bytes, ends };
  }

  /** Frees the memory and the temporary file. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#fileBytes = 0;
    this.#full = [];
    this.#spare = [];
    this.#chunk = Buffer.alloc(0);
    this.#used = 0;
  }

  *#textsOfFile(): Generator<Buffer> {
    const block = Buffer.allocUnsafe(Math.min(READ_BYTES, this.#fileBytes));
    let blockStart = 0;
    let blockEnd = 0;
    for (let at = 0; at < this.#fileBytes; ) {
      if (at + LENGTH_BYTES > blockEnd) {
        blockStart = at;
        blockEnd = at + this.#read(block, at);
      }
      const start = at + LENGTH_BYTES;
      const text = Buffer.allocUnsafe(block.readUInt32LE(at - blockStart));
      at = start + text.length;
      if (at <= blockEnd) block.copy(text, 0, start - blockStart, at - blockStart);
      else this.#read(text, start);
      yield text;
    }
  }

  /** Fills a buffer from a position of the file on, as far as there is something. @returns how many bytes */
  #read(target: Buffer, position: number): number {
    let done = 0;
    while (done < target.length) {
      const bytes = readSync(this.#file!, target, done, target.length - done, position + done);
      if (bytes === 0) break;
      done += bytes;
    }
    return done;
  }

  #grow(atLeast: number): void {
    if (this.#used > 0) {
      this.#full.push(this.#chunk.subarray(0, this.#used));
      this.#fullBytes += this.#used;
    }
    const size = this.#chunk.length === 0 ? FIRST_CHUNK_BYTES : this.#chunkBytes;
    if (this.#fullBytes > this.#memoryBytes) this.#flush();
    const spare = atLeast <= this.#chunkBytes ? this.#spare.pop() : undefined;
    this.#chunk = spare ?? Buffer.allocUnsafeSlow(Math.max(size, atLeast));
    this.#used = 0;
  }

  #flush(): void {
    this.#file ??= openTemporary();
    for (const chunk of this.#full) {
      for (let done = 0; done < chunk.length; ) {
        const written = writeSync(this.#file, chunk, done, chunk.length - done, this.#fileBytes);
        done += written;
        this.#fileBytes += written;
      }
      const { buffer } = chunk;
      if (buffer.byteLength === this.#chunkBytes) this.#spare.push(Buffer.from(buffer));
    }
    this.#full = [];
    this.#fullBytes = 0;
  }
}

function* split(chunk: Buffer): Generator<Buffer> {
  for (let at = 0; at < chunk.length; ) {
    const end = at + LENGTH_BYTES + chunk.readUInt32LE(at);
    yield chunk.subarray(at + LENGTH_BYTES, end);
    at = end;
  }
}

function openTemporary(): number {
  const file = path.join(tmpdir(), `ingot-${randomUUID()}`);
  const descriptor = openSync(file, "wx+", 0o600);
  try {
    // Without a name it is gone when the process is, however that ends.
    unlinkSync(file);
  } catch {
    // Systems that cannot remove an open file clean their temporary folder themselves.
  }
  return descriptor;
}
