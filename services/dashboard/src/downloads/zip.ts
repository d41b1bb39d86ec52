import { crc32, createDeflateRaw } from "node:zlib";

export interface ZipEntry {
  name: string;
  /** The content, in pieces. Others are served between them. */
  content: Iterable<string>;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;
const DEFLATE = 8;
/** 1 January 1980: the same content is the same file. */
const DATE = 0x0021;
/** Files of figures get little smaller by more effort, but take several times as long. */
const LEVEL = 3;

interface Packed {
  name: Buffer;
  crc: number;
  size: number;
  body: Buffer;
}

/** A ZIP file of less than 4 GiB. */
export async function zipOf(entries: readonly ZipEntry[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const packed = await pack(entry);
    const local = localHeader(packed);
    directory.push(centralHeader(packed, at), packed.name);
    parts.push(local, packed.name, packed.body);
    at += local.length + packed.name.length + packed.body.length;
  }
  const listed = Buffer.concat(directory);
  return Buffer.concat([...parts, listed, endOfDirectory(entries.length, listed.length, at)]);
}

async function pack({ name, content }: ZipEntry): Promise<Packed> {
  const deflate = createDeflateRaw({ level: LEVEL });
  let crc = 0;
  let size = 0;
  const write = async (): Promise<void> => {
    for (const piece of content) {
      const bytes = Buffer.from(piece);
      crc = crc32(bytes, crc);
      size += bytes.length;
      await new Promise<void>((resolve, reject) => {
        deflate.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
    }
    deflate.end();
  };
  const [chunks] = await Promise.all([Array.fromAsync<Buffer>(deflate), write()]);
  return { name: Buffer.from(name), crc, size, body: Buffer.concat(chunks) };
}

function localHeader({ name, crc, size, body }: Packed): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(LOCAL_HEADER, 0);
  header.writeUInt16LE(VERSION, 4);
  writeFacts(header, 6, { name, crc, size, body });
  return header;
}

function centralHeader(packed: Packed, at: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(CENTRAL_HEADER, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(VERSION, 6);
  writeFacts(header, 8, packed);
  header.writeUInt32LE(at, 42);
  return header;
}

/** What both headers have in the same order, from the flags on. */
function writeFacts(header: Buffer, at: number, { name, crc, size, body }: Packed): void {
  header.writeUInt16LE(FLAGS, at);
  header.writeUInt16LE(DEFLATE, at + 2);
  header.writeUInt16LE(DATE, at + 6);
  header.writeUInt32LE(crc, at + 8);
  header.writeUInt32LE(body.length, at + 12);
  header.writeUInt32LE(size, at + 16);
  header.writeUInt16LE(name.length, at + 20);
}

function endOfDirectory(entries: number, length: number, at: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END_OF_DIRECTORY, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(at, 16);
  return end;
}
