import http, { type IncomingHttpHeaders } from "node:http";
import https from "node:https";

/** What a server said to `GET /`, without credentials. */
export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The beginning of the body. */
  text: string;
  /** Milliseconds since 1970 by this machine's clock, when the request went out and when the headers came. */
  sentAt: number;
  answeredAt: number;
  /** Milliseconds from the first packet of the connection to the headers. */
  tookMs: number;
}

/** How far a request came: not found, not connected, not encrypted, not answered. */
export type Stage = "dns" | "connect" | "tls" | "answer";

export type HttpOutcome = { answer: HttpAnswer } | { stage: Stage; code: string };

const ANSWER_MS = 5_000;
const TEXT_BYTES = 4_096;

/** Asks once, over a connection of its own. Never throws, and never takes longer than some seconds. */
export function askServer(url: URL, now: () => Date): Promise<HttpOutcome> {
  return new Promise((resolve) => {
    let stage: Stage = "dns";
    let sentAt = now().getTime();
    const started = performance.now();
    const { request } = url.protocol === "https:" ? https : http;
    const sent = request(url, { agent: false, headers: { accept: "*/*", "user-agent": "ingot-doctor" } });
    const timer = setTimeout(() => sent.destroy(Object.assign(new Error(), { code: "Timeout" })), ANSWER_MS);
    const end = (outcome: HttpOutcome): void => {
      clearTimeout(timer);
      resolve(outcome);
      sent.destroy();
    };
    sent.on("socket", (socket) => {
      socket.on("lookup", () => {
        stage = "connect";
      });
      socket.on("connect", () => {
        stage = url.protocol === "https:" ? "tls" : "answer";
        sentAt = now().getTime();
      });
      socket.on("secureConnect", () => {
        stage = "answer";
        sentAt = now().getTime();
      });
    });
    sent.on("response", (response) => {
      const { statusCode: status = 0, headers } = response;
      const answer = {
        status,
        headers,
        sentAt,
        answeredAt: now().getTime(),
        tookMs: performance.now() - started,
      };
      let text = "";
      const done = (): void => end({ answer: { ...answer, text } });
      response.setEncoding("latin1");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length >= TEXT_BYTES) done();
      });
      // What came before a body broke off tells enough.
      response.on("close", done);
      response.on("error", done);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => end({ stage, code: error.code ?? error.message }));
    sent.end();
  });
}
