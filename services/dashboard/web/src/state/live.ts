import { signal } from "@preact/signals";
import type { LiveEvents } from "../../../src/api/contract.ts";
import { type LiveEvent, openEvents } from "./shared-events.ts";

export type LiveState = "connecting" | "connected" | "lost";
export const liveState = signal<LiveState>("connecting");
/** When gold changed last, as far as this page has heard. */
export const goldAt = signal<string | undefined>(undefined);

type Listener = () => void;
const listeners = {
  gold: new Set<Listener>(),
  stores: new Set<Listener>(),
  status: new Set<Listener>(),
};

/** Calls back whenever gold, the stores' metrics or the pipeline may have changed; also when the connection is there again. */
export function onLive(event: keyof typeof listeners, listener: Listener): () => void {
  listeners[event].add(listener);
  return () => listeners[event].delete(listener);
}

function tell(event: keyof typeof listeners) {
  for (const listener of listeners[event]) listener();
}

const RETRY_MS = 2_000;
/** So long a silence is called lost; a server that restarts within it goes unnoticed. */
const PATIENCE_MS = 1_500;

let close: (() => void) | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let patience: ReturnType<typeof setTimeout> | undefined;
let version: string | undefined;
let gold: string | undefined;
let stores: string | undefined;

/**
 * Listens to the server while the page is visible; of a hidden page nobody would see what it shows. Coming back, `hello`
 * tells whether anything was missed.
 */
export function startLive() {
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connect);
  connect();
}

function connect() {
  clearTimeout(retry);
  if (close || document.hidden) return;
  close = openEvents({ onEvent: hear, onLost: lose });
}

function hear(event: LiveEvent) {
  if (event.name === "hello") greet(event.data);
  else {
    if (event.name === "gold") {
      gold = event.data.gold;
      goldAt.value = event.data.updated_at;
    }
    if (event.name === "stores") {
      stores = event.data.stores;
      goldAt.value = event.data.updated_at;
    }
    tell(event.name);
  }
}

function lose() {
  disconnect();
  patience ??= setTimeout(() => {
    liveState.value = "lost";
  }, PATIENCE_MS);
  retry = setTimeout(connect, RETRY_MS);
}

function disconnect() {
  clearTimeout(retry);
  close?.();
  close = undefined;
}

function greet(hello: LiveEvents["hello"]) {
  clearTimeout(patience);
  patience = undefined;
  const isReturn = liveState.peek() === "lost";
  liveState.value = "connected";
  if (version !== undefined && hello.version !== version) {
    // The server brings another page with it.
    location.reload();
    return;
  }
  const isNew = gold !== undefined && hello.gold !== gold;
  const isNewOfStores = stores !== undefined && hello.stores !== stores;
  const isFirst = version === undefined;
  version = hello.version;
  gold = hello.gold;
  stores = hello.stores;
  if (isFirst && !isReturn) return;
  if (isNew || isReturn) tell("gold");
  if (isNewOfStores || isReturn) tell("stores");
  tell("status");
}
