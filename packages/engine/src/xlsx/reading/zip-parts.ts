import { TextDecoder } from "node:util";
import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { WorkbookError } from "./workbook-error.ts";

/** Old `.xls` files, and workbooks behind a password, are of this kind. */
const COMPOUND_FILE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

/** The parts of a ZIP by name, unpacked as they are read, and no more of them than may be. */
export class ZipParts {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #mostBytes: number;
  #unpacked = 0;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>, mostBytes: number) {
    this.#zip = zip;
    this.#entries = entries;
    this.#mostBytes = mostBytes;
  }

  /**
   * @param mostBytes that all reading together may unpack
   * @throws WorkbookError for what is no whole ZIP
   */
  static async open(bytes: Buffer, mostBytes: number): Promise<ZipParts> {
    if (bytes.subarray(0, 4).equals(COMPOUND_FILE)) {
      throw new WorkbookError(
        "is an old .xls file, or protected by a password: save it as .xlsx without one",
      );
    }
    try {
      // Parts are no files: none of their names is dangerous.
      const zip = await fromBufferPromise(bytes, { decodeStrings: false });
      const entries = new Map<string, Entry>();
      for await (const entry of zip.eachEntry()) entries.set(nameKey(entry.fileNameRaw.toString()), entry);
      return new ZipParts(zip, entries, mostBytes);
    } catch (cause) {
      throw damaged("directory", cause);
    }
  }

  has(name: string): boolean {
    return this.#entries.has(nameKey(name));
  }

  /** The text of a part. @throws WorkbookError for one that is absent, damaged, or too much together with the others */
  async *text(name: string): AsyncGenerator<string> {
    const entry = this.#entries.get(nameKey(name));
    if (!entry) throw new WorkbookError(`has no part ${name}`);
    if (entry.isEncrypted()) throw new WorkbookError("is protected by a password");
    this.#checkRoom(entry.uncompressedSize);
    let crc = 0;
    let decoder: TextDecoder | undefined;
    try {
      // It ends with an error where there is more or less than the file says.
      for await (const chunk of await this.#zip.openReadStreamPromise(entry)) {
        crc = crc32(chunk, crc);
        this.#unpacked += chunk.length;
        decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
        yield decoder.decode(chunk, { stream: true });
      }
      if (decoder) yield decoder.decode();
    } catch (cause) {
      throw damaged(name, cause);
    }
    if (crc !== entry.crc32) throw damaged(name);
  }

  #checkRoom(more: number): void {
    if (this.#unpacked + more <= this.#mostBytes) return;
    const most = this.#mostBytes / 1024 / 1024;
    throw new WorkbookError(`unpacks to more than ${most} MB, which no workbook of this kind has`);
  }
}

function damaged(what: string, cause?: unknown): WorkbookError {
  return new WorkbookError(`is damaged or cut off (${what})`, { cause });
}

/** Names are alike whatever their case; some programs write them with backslashes. */
const nameKey = (name: string): string => name.replaceAll("\\", "/").replace(/^\//, "").toLowerCase();

function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  return start[0] === 0xfe && start[1] === 0xff ? "utf-16be" : "utf-8";
}
