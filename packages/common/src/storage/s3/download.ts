import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { IngotError } from "../../errors.ts";

export interface Download {
  /** Bytes from the first to the last. */
  size: number;
  first: Readable;
  /** Opens the same version of the object again, from a byte on. */
  reopen(offset: number): Promise<Readable>;
  /** Milliseconds without a byte after which a connection counts as dead. */
  idleMs: number;
  /** The product's error for whatever was thrown. */
  toError(error: unknown): IngotError;
}

/** Times that one download is taken up again. With the delays between them, about six seconds without the store. */
const MAX_RESUMES = 5;
const FIRST_DELAY_MS = 200;

/**
 * The bytes of an object. A connection that breaks, stalls or ends too early is taken up again at the byte where it
 * stopped; the caller sees nothing of it unless it happens too often.
 *
 * @throws IngotError from `toError`
 */
export async function* resumingBytes(download: Download): AsyncGenerator<Uint8Array> {
  let body: Readable | undefined = download.first;
  let offset = 0;
  for (let resumes = 0; ; resumes++) {
    try {
      body ??= await download.reopen(offset);
      for await (const chunk of withIdleTimeout(body, download.idleMs)) {
        offset += chunk.length;
        yield chunk;
      }
      if (offset >= download.size) return;
      throw new Error(`the connection ended after ${offset} of ${download.size} bytes`);
    } catch (error) {
      const failure = download.toError(error);
      if (failure.code !== "storage_unavailable" || resumes >= MAX_RESUMES) throw failure;
      await delay(FIRST_DELAY_MS * 2 ** resumes * (0.5 + Math.random() / 2));
    } finally {
      body?.destroy();
      body = undefined;
    }
  }
}

/**
 * The SDK's own socket time-out is of no use here: it also fires when the reader is the one who is slow. This one
 * runs only while we wait for bytes. A body that is not read to its end is destroyed: its socket would stay busy.
 */
async function* withIdleTimeout(body: Readable, idleMs: number): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      const onIdle = (): void => void body.destroy(new Error(`no byte came for ${idleMs} ms`));
      const timer = setTimeout(onIdle, idleMs);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } finally {
    body.destroy();
  }
}

/** Where a server ignores `Range` it sends the whole object: going on with it would mix up the bytes. */
export function checkRange(contentRange: string | undefined, offset: number): void {
  if (contentRange?.startsWith(`bytes ${offset}-`)) return;
  throw new Error(
    `the server answered with ${contentRange ?? "no range"} when asked for the bytes from ${offset}`,
  );
}
