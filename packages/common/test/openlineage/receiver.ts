import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { RunEvent } from "../../src/openlineage/events.ts";

export interface Received {
  path: string | undefined;
  authorization: string | undefined;
  event: RunEvent;
}

/** A receiver of OpenLineage: a real HTTP server that keeps what it was sent. */
export interface Receiver {
  url: string;
  /** What it has taken. */
  received: Received[];
  /** All tries. */
  tries: number;
  /** Answers a try; 201 by default. Nothing is kept of one that is not taken. */
  answer: (tries: number) => number | Promise<number>;
}

export async function openReceiver(): Promise<Receiver> {
  const receiver: Receiver = { url: "", received: [], tries: 0, answer: () => 201 };
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url: path, headers } = request;
    const event = JSON.parse(await text(request));
    receiver.tries += 1;
    const status = await receiver.answer(receiver.tries);
    if (status < 300) receiver.received.push({ path, authorization: headers.authorization, event });
    response.writeHead(status).end();
  };
  const server = createServer((request, response) => void take(request, response).catch(() => undefined));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;
}

export const eventsOf = ({ received }: Receiver): RunEvent[] => received.map(({ event }) => event);
