import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { RequestError } from "./errors.ts";

/** On every answer. Nothing is loaded from elsewhere, nothing inline runs, and no other site may read or frame it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-frame-options": "DENY",
};

/** True for an address that only this machine reaches. */
export function isLoopbackHost(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (address === "localhost" || address === "::1") return true;
  return isIP(address) === 4 && address.startsWith("127.");
}

const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/;

/**
 * A page elsewhere can have its own name resolve to 127.0.0.1 and so read what is served there (DNS rebinding), but its
 * requests carry that name.
 *
 * @throws RequestError `invalid_host`
 */
export function checkHost({ headers }: FastifyRequest): void {
  const name = HOST_AND_PORT.exec(headers.host ?? "")?.[1] ?? "";
  if (isLoopbackHost(name)) return;
  const message = "This dashboard answers on this machine alone: as localhost, 127.0.0.1 or [::1].";
  throw new RequestError("invalid_host", message);
}

/** @throws RequestError `method_not_allowed` */
export function checkMethod({ method }: FastifyRequest): void {
  if (method === "GET" || method === "HEAD") return;
  // What the request may still send is not read.
  const headers = { allow: "GET, HEAD", connection: "close" };
  throw new RequestError("method_not_allowed", "Everything here is read-only: GET and HEAD.", {
    headers,
  });
}

/** @throws RequestError `invalid_request` where a query has what is no URL encoding of UTF-8 */
export function checkQuery({ url }: FastifyRequest): void {
  const query = url.indexOf("?");
  if (query === -1) return;
  try {
    decodeURIComponent(url.slice(query + 1));
  } catch (cause) {
    const message = "The query is no valid URL encoding. Percent signs are written as %25, text as UTF-8.";
    throw new RequestError("invalid_request", message, { cause });
  }
}
