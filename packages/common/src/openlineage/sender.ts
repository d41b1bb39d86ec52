import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createOutbox, type Outbox, type OutboxLimits, RefusedError } from "../outbox.ts";
import type { RunEvent } from "./events.ts";

export interface SenderOptions {
  /** As OPENLINEAGE_URL has it: where it has no path, the standard one is put after it. */
  url: string;
  apiKey: string | undefined;
  clock: Clock;
  logger: Logger;
  limits?: Partial<OutboxLimits> | undefined;
}

const STANDARD_PATH = "/api/v1/lineage";
/** A receiver that answers to all events but one that it cannot take must not be asked for ever. */
const MOST_ANSWERS = 8;
/** It does not want this very event; any other refusal is a setting that somebody may mend. */
const EVENT_REFUSED = [400, 409, 413, 422];

/** Sends events one after the other to a receiver of OpenLineage (Marquez, DataHub, …), in the background. */
export function createLineageSender({ url, apiKey, ...options }: SenderOptions): Outbox<RunEvent> {
  const address = endpoint(url);
  const { origin, pathname } = new URL(address);
  const headers = {
    "content-type": "application/json",
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  const answers = new WeakMap<RunEvent, number>();
  const send = async (event: RunEvent, signal: AbortSignal): Promise<void> => {
    const body = JSON.stringify(event);
    const response = await fetch(address, { method: "POST", headers, body, signal, redirect: "error" });
    await response.body?.cancel();
    if (response.ok) return;
    const count = (answers.get(event) ?? 0) + 1;
    answers.set(event, count);
    const { status } = response;
    const isFinal = EVENT_REFUSED.includes(status) || (status >= 500 && count >= MOST_ANSWERS);
    const hint = status === 401 || status === 403 ? " (mend OPENLINEAGE_API_KEY)" : "";
    const text = `it answered ${status}${hint}`;
    throw isFinal ? new RefusedError(text) : new Error(text);
  };
  const what = `lineage events to ${origin}${pathname}`;
  return createOutbox({ what, send, ...options });
}

function endpoint(url: string): string {
  const address = new URL(url);
  if (address.pathname === "/") address.pathname = STANDARD_PATH;
  return address.href;
}
