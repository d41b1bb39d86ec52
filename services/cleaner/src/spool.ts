import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const FIRST_CHUNK_BYTES = 64 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const LENGTH_BYTES = 4;

/**
 * A list of texts that grows without bound and takes little memory: what does not fit goes to a temporary file,
 * which the system removes with the process. Texts are read back in the order in which they came.
 */
export class Spool {
  /** How many texts it holds. */
  count = 0;
  readonly #memoryBytes: number;
  #full: Buffer[] = [];
  #fullBytes = 0;
  #chunk = Buffer.allocUnsafe(0);
  #used = 0;
  #file: number | undefined;
  #fileBytes = 0;

  /** @param memoryBytes how much it may keep in memory */
  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes;
  }

  /** Appends a text and returns its index, counted from 0. */
  add(text: string): number {
    // Three bytes a UTF-16 unit is the most that UTF-8 takes.
    let bytes = text.length * 3;
    if (this.#chunk.length - this.#used < bytes + LENGTH_BYTES) {
      bytes = Buffer.byteLength(text);
      if (this.#chunk.length - this.#used < bytes + LENGTH_BYTES) this.#grow(bytes + LENGTH_BYTES);
    }
    const written = this.#chunk.write(text, this.#used + LENGTH_BYTES, "utf8");
    this.#chunk.writeUInt32LE(written, this.#used);
    this.#used += LENGTH_BYTES + written;
    return this.count++;
  }

  /** Appends bytes, as `add` does with a text. */
  addBytes(bytes: Uint8Array): number {
    if (this.#chunk.length - this.#used < bytes.length + LENGTH_BYTES)
      this.#grow(bytes.length + LENGTH_BYTES);
    this.#chunk.writeUInt32LE(bytes.length, this.#used);
    this.#chunk.set(bytes, this.#used + LENGTH_BYTES);
    this.#used += LENGTH_BYTES + bytes.length;
    return this.count++;
  }

  /** All texts as UTF-8, in batches. */
  *batches(): Generator<Buffer[]> {
    const size = CHUNK_BYTES;
    let rest: Buffer = Buffer.alloc(0);
    for (let position = 0; position < this.#fileBytes; ) {
      const block = Buffer.allocUnsafe(Math.min(size, this.#fileBytes - position));
      position += readSync(this.#file!, block, 0, block.length, position);
      const { texts, remainder } = split(Buffer.concat([rest, block]));
      rest = remainder;
      yield texts;
    }
    for (const chunk of this.#full) yield split(chunk).texts;
    yield split(this.#chunk.subarray(0, this.#used)).texts;
  }

  /** Frees the memory and the temporary file. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#full = [];
    this.#chunk = Buffer.allocUnsafe(0);
  }

  #grow(atLeast: number): void {
    if (this.#used > 0) {
      this.#full.push(this.#chunk.subarray(0, this.#used));
      this.#fullBytes += this.#used;
    }
    if (this.#fullBytes > this.#memoryBytes) this.#flush();
    const size = this.#chunk.length === 0 ? FIRST_CHUNK_BYTES : CHUNK_BYTES;
    this.#chunk = Buffer.allocUnsafe(Math.max(size, atLeast));
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
    }
    this.#full = [];
    this.#fullBytes = 0;
  }
}

/** The whole texts at the beginning of a buffer, and what remains. */
function split(buffer: Buffer): { texts: Buffer[]; remainder: Buffer } {
  const texts: Buffer[] = [];
  let at = 0;
  while (at + LENGTH_BYTES <= buffer.length) {
    const end = at + LENGTH_BYTES + buffer.readUInt32LE(at);
    if (end > buffer.length) break;
    texts.push(buffer.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return { texts, remainder: buffer.subarray(at) };
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
