import { Readable } from "node:stream";
import { PutObjectCommand, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

/** Bodies up to this size go in one request. S3 takes at most 10,000 parts: 80 GB in all. */
const PART_BYTES = 8 * 1024 * 1024;
/** Parts of one object that are sent at the same time, each held in memory. */
const PARALLEL_PARTS = 2;

export type UploadTarget = Omit<PutObjectCommandInput, "Body"> & { Bucket: string; Key: string };

/** What a body threw while it was being uploaded: the caller's own error, not the store's. */
export class BodyError extends Error {}

/**
 * Sends a body, in parts where it is large or of unknown length. A condition holds when the object becomes visible.
 *
 * @throws BodyError with the body's error as its cause; errors of the SDK
 */
export async function upload(
  client: S3Client,
  target: UploadTarget,
  body: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  if (body instanceof Uint8Array && body.length <= PART_BYTES) {
    await client.send(new PutObjectCommand({ ...target, Body: body }));
    return;
  }
  if (body instanceof Uint8Array) {
    await uploadParts(client, { ...target, Body: body });
    return;
  }
  const source = new Source(body);
  // A stream never goes out as a request's body: S3 wants to know the length first, and a stream cannot be sent
  // again after an error. `Upload` cuts it into buffers.
  const stream = Readable.from(source, { highWaterMark: 1 });
  try {
    await uploadParts(client, { ...target, Body: stream });
  } catch (error) {
    throw source.failure ?? error;
  } finally {
    stream.destroy();
  }
}

async function uploadParts(client: S3Client, params: PutObjectCommandInput): Promise<void> {
  const options = { partSize: PART_BYTES, queueSize: PARALLEL_PARTS, leavePartsOnError: false };
  await new Upload({ client, params, ...options }).done();
}

/** Passes chunks on and remembers what their source threw. */
class Source implements AsyncIterable<Uint8Array> {
  failure: BodyError | undefined;
  readonly #body: AsyncIterable<Uint8Array>;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#body = body;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#body;
    } catch (cause) {
      this.failure = new BodyError("the body failed", { cause });
      throw this.failure;
    }
  }
}
