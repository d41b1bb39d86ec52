import { createHash, timingSafeEqual } from "node:crypto";
import { IngotError } from "@ingot/common";
import type { FastifyRequest } from "fastify";
import { RequestError } from "./errors.ts";
import { GuessLimit } from "./guess-limit.ts";
import { isLoopbackHost } from "./security.ts";

/** A token that can be guessed protects nothing. */
const LEAST_TOKEN = 12;

const CHALLENGE = { "www-authenticate": 'Basic realm="Ingot dashboard", charset="UTF-8"' };

/**
 * Makes the check of who asks: the token as `Authorization: Bearer`, or as the password of any user in `Basic`.
 *
 * @throws IngotError `invalid_option` where others than this machine could ask and no token is set, or it is too short
 */
export function createAuthentication(
  host: string,
  token: string | undefined,
): (request: FastifyRequest) => void {
  const context = { variable: "DASHBOARD_TOKEN" };
  if (token === undefined) {
    if (isLoopbackHost(host)) return () => undefined;
    const message = `DASHBOARD_HOST is ${host}, where others can reach the dashboard, and DASHBOARD_TOKEN is not set. Set it to a long random text (\`openssl rand -hex 24\`), or leave DASHBOARD_HOST at 127.0.0.1.`;
    throw new IngotError("invalid_option", message, { context });
  }
  if (token.length < LEAST_TOKEN) {
    const message = `DASHBOARD_TOKEN has ${token.length} characters. Allowed: ${LEAST_TOKEN} and more, such as what \`openssl rand -hex 24\` prints.`;
    throw new IngotError("invalid_option", message, { context });
  }
  return checkAgainst(token);
}

function checkAgainst(token: string): (request: FastifyRequest) => void {
  const expected = digest(token);
  const guesses = new GuessLimit();
  return ({ headers, socket }) => {
    const given = tokenOf(headers.authorization);
    if (given === undefined) throw unauthorized("This dashboard needs its token.");
    const address = socket.remoteAddress ?? "";
    if (!guesses.allows(address, socket)) {
      const message = "Too many wrong tokens from this address. Try again in a moment.";
      throw new RequestError("too_many_attempts", message, { headers: { "retry-after": "3" } });
    }
    if (timingSafeEqual(digest(given), expected)) guesses.right(socket);
    else {
      guesses.wrong(address);
      throw unauthorized("The token is wrong.");
    }
  };
}

/** Digests are of one length, and tell nothing of how much of a guess was right. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function tokenOf(authorization: string | undefined): string | undefined {
  const [, scheme = "", value = ""] = /^(\w+) +(\S+)$/.exec(authorization?.trim() ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return undefined;
  const pair = Buffer.from(value, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon === -1 ? undefined : pair.slice(colon + 1);
}

function unauthorized(what: string): RequestError {
  const message = `${what} Send DASHBOARD_TOKEN as \`Authorization: Bearer <token>\`, or as the password of any user.`;
  return new RequestError("unauthorized", message, { headers: CHALLENGE });
}
