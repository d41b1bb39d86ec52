import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "@ingot/common";
import type { FastifyReply, FastifyRequest } from "fastify";
import { asRequestError, RequestError } from "./errors.ts";
import { SECURITY_HEADERS } from "./security.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const HEADERS = { ...SECURITY_HEADERS, "cache-control": "no-store", "content-type": JSON_TYPE };

/** Answers whatever was thrown as an `ApiError`; the log tells what clients are not told. Queries are never logged. */
export function createErrorAnswers(logger: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { answer, isLogged } = asRequestError(error, request.id);
    const route = request.routeOptions.url ?? "none";
    if (isLogged) logger.error({ err: error, request_id: request.id, route }, "A request failed.");
    reply.removeHeader("etag").removeHeader("last-modified").removeHeader("content-disposition");
    reply.code(answer.status).headers({ ...HEADERS, ...answer.headers, "x-request-id": request.id });
    reply.send(answer.body);
  };
}

/** How Node names what it could not read as a request. */
const UNREADABLE: Readonly<Record<string, RequestError>> = {
  HPE_HEADER_OVERFLOW: new RequestError(
    "too_large",
    "The address and the headers are too long. Use fewer values.",
  ),
  ERR_HTTP_REQUEST_TIMEOUT: new RequestError("request_timeout", "The request did not arrive in time."),
};
const NO_REQUEST = new RequestError("invalid_request", "This is no HTTP request that can be read.");

/** Answers what is no request at all, so far as somebody still listens. */
export function answerUnreadable({ code = "" }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } = UNREADABLE[code] ?? NO_REQUEST;
  const all = { ...HEADERS, "content-length": Buffer.byteLength(body), connection: "close" };
  const headers = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join("")}\r\n${body}`);
}
