import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";

const SAMPLE_BYTES = 64 * 1024;

/** The first bytes of a file, unzipped where it is gzipped. */
export async function beginning(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
    const raw = buffer.subarray(0, bytesRead);
    return raw[0] === 0x1f && raw[1] === 0x8b ? await unzipBeginning(raw) : raw;
  } finally {
    await handle.close();
  }
}

async function unzipBeginning(raw: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createGunzip().end(raw)) chunks.push(chunk as Buffer);
  } catch {
    // The sample ends in the middle of the stream; what came out before is enough.
  }
  return Buffer.concat(chunks);
}
