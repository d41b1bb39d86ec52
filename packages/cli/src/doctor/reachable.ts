import type { S3Access } from "@ingot/common";
import { type Finding, failed, fine } from "./finding.ts";
import { askServer, type HttpAnswer, type Stage } from "./http-answer.ts";

/** Requests of which the fastest counts. */
const ASKED = 3;

/** Where requests go. */
export function serverUrl({ endpoint, region }: S3Access): URL {
  return new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
}

/** Whether there is an S3 store at the address, and its answers. */
export async function checkReachable(
  access: S3Access,
  now: () => Date,
): Promise<{ finding: Finding; answers: HttpAnswer[] }> {
  const url = serverUrl(access);
  const first = await askServer(url, now);
  if (!("answer" in first)) return { finding: unreachable(url, first.stage, first.code), answers: [] };
  const problem = whyNoStore(url, first.answer);
  if (problem) return { finding: problem, answers: [first.answer] };
  const answers = [first.answer];
  while (answers.length < ASKED) {
    const next = await askServer(url, now);
    if (!("answer" in next)) break;
    answers.push(next.answer);
  }
  const fastest = Math.min(...answers.map(({ tookMs }) => tookMs));
  const server = first.answer.headers.server;
  const detail = `${url.origin} is an S3 store${server ? ` (${server})` : ""} and answers within ${Math.ceil(fastest)} ms`;
  return { finding: fine("reachable", url.host, detail), answers };
}

function unreachable(url: URL, stage: Stage, code: string): Finding {
  const fail = (detail: string, remedy: string): Finding =>
    failed("reachable", url.host, `${detail} (${code}).`, remedy);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const fromContainers = isLoopback(url.hostname)
    ? ` In a container ${url.hostname} is the container itself: there the store has its service's name, as in http://store:9000.`
    : "";
  if (code === "ENOTFOUND" || (stage === "dns" && code !== "ECONNREFUSED")) {
    return fail(
      `${url.host} cannot be found: no machine of this name is known here`,
      "Look for a mistake in S3_ENDPOINT. A name of a compose file, such as store, is known to its containers only; from outside it is http://127.0.0.1:9000.",
    );
  }
  if (code === "ECONNREFUSED") {
    return fail(
      `Nothing listens at ${url.host}`,
      `Start the store (docker compose up -d store), or correct the port in S3_ENDPOINT.${fromContainers}`,
    );
  }
  if (stage === "connect") {
    return fail(
      `No connection to ${url.host} comes about`,
      `See whether the machine runs and a firewall lets port ${port} through: nc -vz ${url.hostname} ${port}`,
    );
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) return untrusted(url, code);
  if (stage === "tls" || code === "EPROTO") {
    return fail(
      `${url.host} does not speak TLS`,
      `Set S3_ENDPOINT=http://${url.host} if the store has no certificate, or name its port for https.`,
    );
  }
  if (code === "Timeout") {
    return fail(
      `${url.origin} takes the connection and does not answer`,
      "The store hangs, or something else listens there. Look at its log (docker compose logs store), then restart it.",
    );
  }
  return fail(
    `${url.origin} does not answer as a web server does`,
    "Something else than a store may listen there, or it is just starting. Check host and port in S3_ENDPOINT.",
  );
}

function untrusted(url: URL, code: string): Finding {
  if (code === "CERT_HAS_EXPIRED") {
    const remedy = "Renew the store's certificate. If it is valid, this machine's clock is wrong: date -u";
    return failed("reachable", url.host, `The certificate of ${url.host} has expired (${code}).`, remedy);
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const detail = `The certificate that ${url.host} shows is for another name (${code}).`;
    return failed(
      "reachable",
      url.host,
      detail,
      "Put the name that the certificate carries into S3_ENDPOINT.",
    );
  }
  const detail = `The certificate of ${url.host} is not trusted here (${code}).`;
  const remedy =
    "Set NODE_EXTRA_CA_CERTS to the file of the authority that issued it: NODE_EXTRA_CA_CERTS=/path/ca.crt";
  return failed("reachable", url.host, detail, remedy);
}

/** A server that answers, and is no store. */
function whyNoStore(url: URL, { status, headers, text }: HttpAnswer): Finding | undefined {
  const server = String(headers.server ?? "");
  const fail = (detail: string, remedy: string): Finding => failed("reachable", url.host, detail, remedy);
  if (/console/i.test(server)) {
    return fail(
      `${url.origin} is the store's console, for browsers (${server}).`,
      `Name the port of the store's API in S3_ENDPOINT: usually 9000 where the console has 9001, as in ${withPort(url, "9000")}`,
    );
  }
  if (/<Code>\w*NotInitialized/.test(text)) {
    return fail(
      `${url.origin} is still starting.`,
      "Wait a minute and run the doctor again; if it stays so, look at the store's log: docker compose logs store",
    );
  }
  const isS3 =
    headers["x-amz-request-id"] !== undefined || /<Error>\s*<Code>|<ListAllMyBucketsResult/.test(text);
  if (isS3) return undefined;
  if (status === 400 && /http request/i.test(text) && /https/i.test(text)) {
    return fail(`${url.origin} wants https.`, `Set S3_ENDPOINT=https://${url.host}`);
  }
  if (status >= 300 && status < 400 && headers.location !== undefined) {
    return fail(
      `${url.origin} is no S3 store: it sends its visitors on to ${headers.location} (HTTP ${status}).`,
      "Put the address of the store's API itself into S3_ENDPOINT.",
    );
  }
  if (status >= 502 && status <= 504) {
    return fail(
      `A proxy at ${url.origin} answers that the store behind it does not (HTTP ${status}).`,
      "Start the store, or correct the address that the proxy passes requests on to.",
    );
  }
  const isPage = /html/.test(headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(text);
  const what = isPage ? "a web page" : `HTTP ${status} ${headers["content-type"] ?? ""}`.trim();
  return fail(
    `${url.origin} is no S3 store: it answers with ${what}${server === "" ? "" : ` (server ${server})`}.`,
    "Name the port of the store's API in S3_ENDPOINT, not that of its console or of another web server; MinIO's is usually 9000.",
  );
}

function withPort(url: URL, port: string): string {
  return `${url.protocol}//${url.hostname}:${port}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
