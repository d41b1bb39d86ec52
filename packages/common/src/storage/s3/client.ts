import { S3Client } from "@aws-sdk/client-s3";
import type { S3Access } from "../../lake-location.ts";
import { failureOf } from "./errors.ts";

const CONNECT_MS = 10_000;
/** From asking for a connection to the answer's headers, sending included. */
const ANSWER_MS = 120_000;
const ATTEMPTS = 3;
/**
 * More than any service works off at once: a request that waits for a socket counts as one that cannot connect, and
 * downloads that wait for uploads must not hold all sockets.
 */
const MAX_SOCKETS = 96;

/**
 * An SDK client that is set up for every S3-compatible store. One for each layer, so that none starves another.
 *
 * @param onRetries told after a request that was sent more than once how often it was sent again
 */
export function createS3Client(
  { endpoint, region, forcePathStyle, ...keys }: S3Access,
  onRetries?: (retries: number) => void,
): S3Client {
  const { accessKeyId, secretAccessKey } = keys;
  const client = new S3Client({
    region,
    // Stores on an own host have no DNS name for each bucket.
    forcePathStyle,
    // Otherwise the SDK adds CRC32 trailers to each upload, which many other stores refuse or store as content.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // `Expect: 100-continue` makes the SDK use a new agent without a bound on its sockets, and wait for an answer
    // that some stores and proxies never give.
    expectContinueHeader: false,
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      // Downloads have a time-out of their own, which spares slow readers.
      socketTimeout: 0,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey } }),
  });
  if (onRetries) tellRetries(client, onRetries);
  return client;
}

function tellRetries(client: S3Client, onRetries: (retries: number) => void): void {
  const tell = (attempts = 1): void => {
    if (attempts > 1) onRetries(attempts - 1);
  };
  client.middlewareStack.add(
    (next) => async (request) => {
      try {
        const result = await next(request);
        tell(result.output.$metadata.attempts);
        return result;
      } catch (error) {
        tell(failureOf(error).attempts);
        throw error;
      }
    },
    { step: "initialize", name: "ingotRetries" },
  );
}
