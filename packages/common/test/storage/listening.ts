import { inject } from "vitest";
import { createMinioClient } from "../../src/storage/s3/minio-client.ts";
import { accessTo, makeBucket } from "./s3-server.ts";
import type { S3Server } from "./s3-servers.ts";

/** MinIO begins to answer after half a second. */
const ANSWER_MS = 3_000;

/**
 * Names of this run's servers that really tell of new objects, found out without Ingot's own listener. MinIO built from
 * its sources between October 2025 and the end of its development does not: what it writes stays in its buffers
 * (https://github.com/pgsty/silo/pull/34).
 *
 * @throws where INGOT_TEST_S3=required and none does
 */
export async function listeningServers(): Promise<ReadonlySet<string>> {
  const names = await Promise.all(
    inject("s3Servers").map(async (server) => ((await tells(server)) ? [server.name] : [])),
  );
  const listening = new Set(names.flat());
  if (listening.size === 0 && process.env.INGOT_TEST_S3 === "required") {
    throw new Error("No server of this run tells of new objects, and INGOT_TEST_S3 is required.");
  }
  return listening;
}

async function tells(server: S3Server): Promise<boolean> {
  const access = accessTo(server);
  const { bucket, remove } = await makeBucket(access);
  const client = await createMinioClient(access);
  const url = await client.presignedUrl("GET", bucket, "", 60, { events: "s3:ObjectCreated:*" });
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    await answer.body?.cancel();
    return answer.headers.get("content-type") === "text/event-stream";
  } catch {
    return false;
  } finally {
    await remove();
  }
}
