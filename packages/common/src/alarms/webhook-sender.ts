import { RefusedError } from "../outbox.ts";
import type { AlarmSender } from "./delivery.ts";
import { webhookBody } from "./message.ts";

const MOST_ANSWER = 80;
/** Worth another try although the request is said to be at fault. */
const PASSING = [408, 425, 429];

/**
 * Posts alarms as Slack's incoming webhooks take them.
 *
 * @param url a secret: who knows it may write to the channel
 */
export function webhookSender(url: string): AlarmSender["send"] {
  return async (message, signal) => {
    const response = await post(url, webhookBody(message), signal);
    const answer = await response.text().catch(() => "");
    if (response.ok) return;
    const { status } = response;
    const text = `it answered ${status}${shown(answer, url)}`;
    throw status >= 500 || PASSING.includes(status) ? new Error(text) : new RefusedError(text);
  };
}

async function post(url: string, body: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", "user-agent": "ingot" },
      body,
      signal,
      // Elsewhere the message would arrive as a GET, or in the wrong hands.
      redirect: "manual",
    });
  } catch (error) {
    if (signal.aborted) throw new Error("it does not answer");
    // What fetch says itself may hold the whole address; the cause is about the connection.
    const { code, message } = (error as { cause?: { code?: string; message?: string } }).cause ?? {};
    throw new Error(`it cannot be reached (${code ?? message ?? "no reason is given"})`);
  }
}

/** The beginning of an answer, for people; nothing where it has a part of the secret. */
function shown(answer: string, url: string): string {
  const line = answer
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, MOST_ANSWER);
  const { pathname } = new URL(url);
  const isSecret = pathname.split("/").some((part) => part.length > 3 && line.includes(part));
  return line === "" || line.startsWith("<") || isSecret ? "" : ` (${line})`;
}
