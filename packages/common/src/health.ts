import { once } from "node:events";
import type { Server } from "node:http";
import type { Clock } from "./clock.ts";
import { IngotError, messageOf } from "./errors.ts";
import { LAYERS, type Layer } from "./object-names.ts";
import type { Lake } from "./storage/lake.ts";
import { counted, type ObjectStore, type StoredObject } from "./storage/object-store.ts";

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

/**
 * Answers `GET /health` on 127.0.0.1: 200 where all services make progress, 503 where one does not, and JSON that says
 * which and why.
 *
 * @throws IngotError `invalid_option` where the port is taken
 */
export async function serveHealth(health: Health, port: number): Promise<Server> {
  // Few commands serve it, and it costs all others a fifth of their start.
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => {
    request.resume();
    if (request.url !== "/health") {
      response.writeHead(404).end();
      return;
    }
    const services = health.services();
    const isOk = Object.values(services).every(({ ok }) => ok);
    response.writeHead(isOk ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(`${JSON.stringify({ status: isOk ? "ok" : "stalled", services })}\n`);
  });
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new IngotError(
      "invalid_option",
      `HEALTH_PORT is ${port}, which cannot be used: ${messageOf(cause)}. Choose another port.`,
      { cause, context: { variable: "HEALTH_PORT" } },
    );
  }
  // A process whose work is done ends, whoever still asks.
  server.unref();
  return server;
}

/** The same lake; what is read and written there shows as progress, so that one long piece of work does too. */
export function withProgress(lake: Lake, heartbeat: Heartbeat): Lake {
  const layers = LAYERS.map((layer) => [layer, observed(lake[layer], heartbeat)]);
  return { ...lake, ...(Object.fromEntries(layers) as Record<Layer, ObjectStore>) };
}

function observed(store: ObjectStore, heartbeat: Heartbeat): ObjectStore {
  return {
    url: store.url,
    settleMs: store.settleMs,
    list: (options) => store.list(options),
    stat: (key) => store.stat(key),
    read: async (key) => moving(await store.read(key), heartbeat),
    write: async (key, body, options) => {
      const result = await store.write(key, body, options);
      heartbeat.done();
      return result;
    },
    delete: (key) => store.delete(key),
  };
}

function moving(object: StoredObject, { moved }: Heartbeat): StoredObject {
  return { ...object, body: counted(object.body, moved) };
}
