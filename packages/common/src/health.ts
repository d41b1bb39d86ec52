import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Clock } from "./clock.ts";
import { IngotError, messageOf } from "./errors.ts";

/** How a service tells that it makes progress: not that its process runs, but that its work moves on. */
export interface Heartbeat {
  /** A pass came to its end, or an object was written. */
  done(): void;
  /** Bytes were read. Counts only until something fails: what is read again and again to no effect is no progress. */
  moved(): void;
  /** A pass failed, or left objects behind that it could not work off. */
  failed(error: unknown): void;
}

export interface ServiceHealth {
  ok: boolean;
  /** UTC, ISO 8601. */
  last_progress: string;
  /** What failed last; absent where it was followed by success. */
  error?: string;
}

/** The health of the services of this process. */
export interface Health {
  /** A heartbeat for a service that has just started. */
  heartbeat(service: string): Heartbeat;
  services(): Record<string, ServiceHealth>;
}

/** For work that nobody watches. */
export const NO_HEARTBEAT: Heartbeat = {
  done: () => undefined,
  moved: () => undefined,
  failed: () => undefined,
};

/** @param limitMs a service without progress for longer is not healthy */
export function createHealth(clock: Clock, limitMs: number): Health {
  const known = new Map<string, () => ServiceHealth>();
  return {
    heartbeat: (service) => {
      let lastProgress = clock.now();
      let error: string | undefined;
      known.set(service, () => ({
        ok: clock.now().getTime() - lastProgress.getTime() <= limitMs,
        last_progress: lastProgress.toISOString(),
        ...(error === undefined ? {} : { error }),
      }));
      return {
        done: () => {
          lastProgress = clock.now();
          error = undefined;
        },
        moved: () => {
          if (error === undefined) lastProgress = clock.now();
        },
        failed: (failure) => {
          error = messageOf(failure);
        },
      };
    },
    services: () => Object.fromEntries([...known].map(([name, health]) => [name, health()])),
  };
}

/** Where a process answers questions about itself. */
export interface HealthAddress {
  /** 0 for any that is free. */
  port: number;
  host: string;
}

/** The figures of the process as text. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

/**
 * Answers `GET /health`: 200 where all services make progress, 503 where one does not, and JSON that says which; and
 * `GET /metrics`. What failed last is told on this machine alone: it may name files.
 *
 * @throws IngotError `invalid_option` where the address cannot be used
 */
export async function serveHealth(
  health: Health,
  { port, host }: HealthAddress,
  metrics?: MetricsText,
): Promise<Server> {
  // Few commands serve it, and it costs all others a fifth of their start.
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => {
    request.resume();
    const path = request.url?.replace(/\?.*$/, "");
    if (path === "/health") answerHealth(health, request, response);
    else if (path === "/metrics" && metrics) void answerMetrics(metrics, response);
    else response.writeHead(404).end();
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new IngotError(
      "invalid_option",
      `HEALTH_PORT is ${port} and HEALTH_HOST is ${host}, which cannot be used: ${messageOf(cause)}. Choose another port or address.`,
      { cause, context: { variable: "HEALTH_PORT" } },
    );
  }
  // A process whose work is done ends, whoever still asks.
  server.unref();
  return server;
}

function answerHealth(health: Health, { socket }: IncomingMessage, response: ServerResponse): void {
  const isHere = /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? "");
  const all = Object.entries(health.services());
  const services = all.map(([name, { error, ...rest }]) => [
    name,
    isHere && error !== undefined ? { ...rest, error } : rest,
  ]);
  const isOk = all.every(([, { ok }]) => ok);
  response.writeHead(isOk ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" });
  const status = isOk ? "ok" : "stalled";
  response.end(`${JSON.stringify({ status, services: Object.fromEntries(services) })}\n`);
}

async function answerMetrics(metrics: MetricsText, response: ServerResponse): Promise<void> {
  try {
    const text = await metrics.text();
    response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" }).end(text);
  } catch {
    response.writeHead(500).end();
  }
}
