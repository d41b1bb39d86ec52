import { TextDecoder } from "node:util";
import { crc32, createInflateRaw } from "node:zlib";
import { WorkbookError } from "./workbook-error.ts";

interface ZipPart {
  method: number;
  isEncrypted: boolean;
  crc: number;
  /** Bytes in the file, and unpacked as the file claims. */
  packed: number;
  unpacked: number;
  offset: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_LOCATOR = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const MOST_COMMENT_BYTES = 0xffff;
/** In place of a number that has no room in 32 bits. */
const ELSEWHERE = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;
const CHUNK_BYTES = 256 * 1024;

/** Old `.xls` files, and workbooks behind a password, are of this kind. */
const COMPOUND_FILE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

/** The parts of a ZIP by name, unpacked as they are read, and no more of them than may be. */
export class ZipParts {
  readonly #bytes: Buffer;
  readonly #mostBytes: number;
  readonly #parts: ReadonlyMap<string, ZipPart>;
  #unpacked = 0;

  /**
   * @param mostBytes that all reading together may unpack
   * @throws WorkbookError for what is no whole ZIP
   */
  constructor(bytes: Buffer, mostBytes: number) {
    this.#bytes = bytes;
    this.#mostBytes = mostBytes;
    this.#parts = directoryOf(bytes);
  }

  has(name: string): boolean {
    return this.#parts.has(nameKey(name));
  }

  /** The text of a part. @throws WorkbookError for one that is absent, damaged, or too much together with the others */
  async *text(name: string): AsyncGenerator<string> {
    let decoder: TextDecoder | undefined;
    for await (const chunk of this.#content(name)) {
      decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
      yield decoded(() => decoder!.decode(chunk, { stream: true }), name);
    }
    if (decoder) yield decoded(() => decoder.decode(), name);
  }

  async *#content(name: string): AsyncGenerator<Buffer> {
    const part = this.#parts.get(nameKey(name));
    if (!part) throw new WorkbookError(`has no part ${name}`);
    if (part.isEncrypted) throw new WorkbookError("is protected by a password");
    this.#checkRoom(part.unpacked);
    let crc = 0;
    let length = 0;
    for await (const chunk of unpacked(packedBytes(this.#bytes, part, name), part, name)) {
      crc = crc32(chunk, crc);
      length += chunk.length;
      // What the file says of its size was checked; it may say less than there is.
      if (length > part.unpacked) throw damaged(name);
      this.#unpacked += chunk.length;
      yield chunk;
    }
    if (crc !== part.crc || length !== part.unpacked) throw damaged(name);
  }

  #checkRoom(more: number): void {
    if (this.#unpacked + more <= this.#mostBytes) return;
    const most = this.#mostBytes / 1024 / 1024;
    throw new WorkbookError(`unpacks to more than ${most} MB, which no workbook of this kind has`);
  }
}

function damaged(what: string): WorkbookError {
  return new WorkbookError(`is damaged or cut off (${what})`);
}

/** Names are alike whatever their case; some programs write them with backslashes. */
const nameKey = (name: string): string => name.replaceAll("\\", "/").replace(/^\//, "").toLowerCase();

function directoryOf(bytes: Buffer): Map<string, ZipPart> {
  if (bytes.subarray(0, 4).equals(COMPOUND_FILE)) {
    throw new WorkbookError("is an old .xls file, or protected by a password: save it as .xlsx without one");
  }
  const parts = new Map<string, ZipPart>();
  try {
    let { at, count } = directoryPlace(bytes);
    for (; count > 0; count -= 1) {
      if (bytes.readUInt32LE(at) !== ENTRY) throw damaged("directory");
      const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [
        number,
        number,
        number,
      ];
      const nameEnd = at + 46 + name;
      const sizes = [24, 20, 42].map((offset) => bytes.readUInt32LE(at + offset));
      const [unpacked = 0, packed = 0, offset = 0] = sizes64(sizes, bytes.subarray(nameEnd, nameEnd + extra));
      parts.set(nameKey(bytes.toString("utf8", at + 46, nameEnd)), {
        method: bytes.readUInt16LE(at + 10),
        isEncrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
        crc: bytes.readUInt32LE(at + 16),
        ...{ packed, unpacked, offset },
      });
      at = nameEnd + extra + comment;
    }
  } catch (error) {
    if (error instanceof RangeError) throw damaged("directory");
    throw error;
  }
  return parts;
}

function directoryPlace(bytes: Buffer): { at: number; count: number } {
  const end = bytes.subarray(-(END_BYTES + MOST_COMMENT_BYTES));
  const found = end.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (found < 0) throw damaged("no ZIP's end");
  const at = bytes.length - end.length + found;
  if (bytes.readUInt32LE(at) !== END) throw damaged("end");
  const place = { at: bytes.readUInt32LE(at + 16), count: bytes.readUInt16LE(at + 10) };
  const locator = at - 20;
  if (locator < 0 || bytes.readUInt32LE(locator) !== END_64_LOCATOR) return place;
  const end64 = Number(bytes.readBigUInt64LE(locator + 8));
  if (bytes.readUInt32LE(end64) !== END_64) throw damaged("end");
  return { at: Number(bytes.readBigUInt64LE(end64 + 48)), count: Number(bytes.readBigUInt64LE(end64 + 32)) };
}

/** Sizes and offset, those from the entry's extra fields that have no room in 32 bits. */
function sizes64(sizes: readonly number[], extra: Buffer): number[] {
  if (!sizes.includes(ELSEWHERE)) return [...sizes];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    return sizes.map((size) => {
      if (size !== ELSEWHERE) return size;
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    });
  }
  return [...sizes];
}

function packedBytes(bytes: Buffer, { offset, packed }: ZipPart, name: string): Buffer {
  if (offset + 30 > bytes.length || bytes.readUInt32LE(offset) !== LOCAL) throw damaged(name);
  const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  if (start + packed > bytes.length) throw damaged(name);
  return bytes.subarray(start, start + packed);
}

async function* unpacked(bytes: Buffer, { method }: ZipPart, name: string): AsyncGenerator<Buffer> {
  if (method === STORED) {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
    return;
  }
  if (method !== DEFLATED) throw new WorkbookError(`is packed in a way that is not known (${name})`);
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  inflate.end(bytes);
  try {
    for await (const chunk of inflate) yield chunk;
  } catch (error) {
    // What is thrown into this generator by its reader is none of zlib's errors.
    if ((error as NodeJS.ErrnoException).code?.startsWith("Z_")) throw damaged(name);
    throw error;
  } finally {
    inflate.destroy();
  }
}

function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  return start[0] === 0xfe && start[1] === 0xff ? "utf-16be" : "utf-8";
}

function decoded(decode: () => string, name: string): string {
  try {
    return decode();
  } catch (error) {
    if (error instanceof TypeError) throw damaged(name);
    throw error;
  }
}
