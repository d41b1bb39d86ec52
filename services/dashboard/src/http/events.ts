import type { ServerResponse } from "node:http";
import type { Live, LiveEvent } from "../live/live.ts";
import { RequestError } from "./errors.ts";

const HEARTBEAT_MS = 15_000;
const MOST_CLIENTS = 200;
/** A client that is so far behind has stopped reading. */
const MOST_WAITING_BYTES = 64 * 1024;

/** What a browser does by itself when the connection ends: to come back after so many milliseconds. */
const RETRY = "retry: 1000\n\n";

export interface EventStreams {
  /** @throws RequestError `too_many_clients` */
  checkRoom(): void;
  /** Sends events from now on, until the client leaves or falls behind. The response's head has been written. */
  add(response: ServerResponse): void;
  /** Ends all streams. */
  close(): void;
}

/** Server-sent events: each is made once, whoever listens. */
export function createEventStreams(live: Pick<Live, "subscribe" | "hello">): EventStreams {
  const clients = new Set<ServerResponse>();
  let unsubscribe: (() => void) | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let lastId = 0;

  const drop = (client: ServerResponse): void => {
    clients.delete(client);
    client.destroy();
    if (clients.size > 0) return;
    unsubscribe?.();
    unsubscribe = undefined;
    clearInterval(heartbeat);
  };

  const send = (client: ServerResponse, text: string | Buffer): void => {
    client.write(text);
    if (client.writableLength > MOST_WAITING_BYTES) drop(client);
  };

  const sendAll = (text: string): void => {
    const bytes = Buffer.from(text);
    for (const client of [...clients]) send(client, bytes);
  };

  const begin = (): void => {
    unsubscribe = live.subscribe((event) => {
      lastId += 1;
      sendAll(eventText(lastId, event));
    });
    heartbeat = setInterval(() => sendAll(": still here\n\n"), HEARTBEAT_MS);
    heartbeat.unref();
  };

  return {
    checkRoom: () => {
      if (clients.size < MOST_CLIENTS) return;
      const message = `${MOST_CLIENTS} pages listen already. Close some, or ask /api/status now and then.`;
      throw new RequestError("too_many_clients", message, { headers: { "retry-after": "30" } });
    },
    add: (client) => {
      client.on("close", () => drop(client));
      client.on("error", () => drop(client));
      clients.add(client);
      if (!unsubscribe) begin();
      send(client, RETRY + eventText(lastId, { name: "hello", data: live.hello() }));
    },
    close: () => {
      for (const client of [...clients]) drop(client);
    },
  };
}

function eventText(id: number, { name, data }: LiveEvent): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
