import { Client, type ClientOptions } from "minio";
import type { S3Access } from "../../lake-location.ts";
import { createS3Client } from "./client.ts";

/**
 * A client of the `minio` package for the same store and with the same credentials as the SDK's: it provisions buckets
 * and listens for new objects, which the SDK cannot. Credentials are asked for once: make a new one where they may have
 * expired.
 *
 * @param extra settings of the client beyond address and credentials
 * @throws errors of the SDK where there are no credentials
 */
export async function createMinioClient(
  access: S3Access,
  extra: Pick<ClientOptions, "transport" | "retryOptions"> = {},
): Promise<Client> {
  const { endpoint, region, forcePathStyle } = access;
  const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
  // The SDK's chain: keys, profiles, the roles of machines and containers.
  const sdk = createS3Client(access);
  const credentials = await sdk.config.credentials().finally(() => sdk.destroy());
  return new Client({
    endPoint: url.hostname,
    useSSL: url.protocol === "https:",
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    region,
    pathStyle: forcePathStyle,
    accessKey: credentials.accessKeyId,
    secretKey: credentials.secretAccessKey,
    ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
    ...extra,
  });
}
