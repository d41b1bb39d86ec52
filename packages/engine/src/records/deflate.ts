import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { GzipReport } from "./inflate.ts";

/** CRC and length: without them a compressed file counts as damaged, and all of it can still be read. */
const TRAILER_BYTES = 8;

/**
 * The inverse of `inflated`, for what came out of it: compressed where it was, and damaged where it was. The same text
 * gives the same bytes.
 *
 * @param report of `inflated`; it is looked at when the first chunk is there, and at the end
 */
export async function* deflated(
  body: AsyncIterable<Uint8Array>,
  report: GzipReport,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  const all = (async function* () {
    if (!first.done) yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  })();
  if (!report.isGzip) {
    yield* all;
    return;
  }
  const gzip = createGzip();
  // An error of the body ends the iteration below.
  pipeline(Readable.from(all), gzip, () => undefined);
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of gzip) {
    const bytes = Buffer.concat([held, chunk]);
    held = bytes.subarray(Math.max(0, bytes.length - TRAILER_BYTES));
    if (bytes.length > held.length) yield bytes.subarray(0, bytes.length - held.length);
  }
  if (report.damage === undefined) yield held;
}
