import type { LiveEvents } from "../../../src/api/contract.ts";
import { addressOf } from "./api.ts";

const NAMES = ["hello", "gold", "stores", "status"] as const satisfies readonly (keyof LiveEvents)[];

/** One of the server's events. */
export type LiveEvent = {
  [Name in keyof LiveEvents]: { name: Name; data: LiveEvents[Name] };
}[keyof LiveEvents];

/** What pages of one browser tell each other. */
type Message = LiveEvent | { name: "lost" } | { name: "ask" };

export interface EventHandlers {
  onEvent: (event: LiveEvent) => void;
  /** Nothing more comes. */
  onLost: () => void;
}

/**
 * Listens to the server's events. Browsers allow six connections to a host, and each of these events' takes one for good:
 * so one page of a browser has it, and tells the others. When that page goes, another takes its place. Where a browser
 * offers no locks (pages that came over plain HTTP from another machine) each page has a connection of its own.
 *
 * @returns what ends it
 */
export function openEvents({ onEvent, onLost }: EventHandlers): () => void {
  const closing = new AbortController();
  if (!navigator.locks) {
    listen({ onEvent, onLost }, closing.signal);
    return () => closing.abort();
  }
  const name = `ingot ${addressOf("api/events")}`;
  const channel = new BroadcastChannel(name);
  const send = (message: Message) => channel.postMessage(message);
  let hello: LiveEvents["hello"] | undefined;

  const lead = () =>
    new Promise<void>((resolve) => {
      const handlers: EventHandlers = {
        onEvent: (event) => {
          if (event.name === "hello") hello = event.data;
          if (event.name === "gold" && hello) hello = { ...hello, gold: event.data.gold };
          if (event.name === "stores" && hello) hello = { ...hello, stores: event.data.stores };
          send(event);
          onEvent(event);
        },
        onLost: () => {
          send({ name: "lost" });
          onLost();
        },
      };
      closing.signal.addEventListener("abort", () => resolve());
      listen(handlers, closing.signal);
    });

  channel.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.name === "lost") onLost();
    else if (data.name !== "ask") onEvent(data);
    // Who leads answers who has just come.
    else if (hello) send({ name: "hello", data: hello });
  });
  closing.signal.addEventListener("abort", () => {
    hello = undefined;
    channel.close();
  });
  send({ name: "ask" });
  // Rejected where the page goes before its turn comes.
  navigator.locks.request(name, { signal: closing.signal }, lead).catch(() => {});
  return () => closing.abort();
}

function listen({ onEvent, onLost }: EventHandlers, signal: AbortSignal) {
  const source = new EventSource(addressOf("api/events"));
  signal.addEventListener("abort", () => source.close());
  for (const name of NAMES) {
    source.addEventListener(name, ({ data }) => onEvent({ name, data: JSON.parse(data) } as LiveEvent));
  }
  source.addEventListener("error", onLost);
}
