import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The answer has an ETag, and is not sent again to whoever has it. */
    isRevalidated?: boolean;
  }
}

/** Adds the ETag of the content itself where the route gave none, and answers 304 where the client has it already. */
export async function revalidate(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  if (!request.routeOptions.config.isRevalidated || reply.statusCode !== 200) return payload;
  if (!reply.hasHeader("etag")) {
    if (typeof payload !== "string" && !Buffer.isBuffer(payload)) return payload;
    reply.header("etag", tagOf(payload));
  }
  if (!isKnown(request, String(reply.getHeader("etag")))) return payload;
  reply.code(304).removeHeader("content-type").removeHeader("content-disposition");
  // Fastify counts the bytes of what HEAD leaves out.
  return request.method === "HEAD" ? "" : null;
}

/** An ETag for this content. */
export function tagOf(content: string | Buffer): string {
  return `"${createHash("sha256").update(content).digest("base64url").slice(0, 27)}"`;
}

/** True where the client has what this ETag stands for. */
export function isKnown({ headers }: FastifyRequest, etag: string): boolean {
  const known = headers["if-none-match"];
  if (known === undefined) return false;
  if (known.trim() === "*") return true;
  return known.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
}
