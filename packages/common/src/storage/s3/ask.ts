import type { Answer } from "../store-probe.ts";
import { failureOf } from "./errors.ts";

/** Until a question counts as not answered. */
const PROBE_MS = 5_000;

/** Awaits an answer of the SDK, for some seconds at most. */
export async function asked<T>(
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
  withinMs = PROBE_MS,
): Promise<Answer<T>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), withinMs);
  // The search for credentials takes no signal.
  const late = new Promise<never>((_, reject) => {
    abort.signal.addEventListener("abort", () => reject(new Error("late")), { once: true });
  });
  late.catch(() => undefined);
  const sent = send({ abortSignal: abort.signal });
  sent.catch(() => undefined);
  try {
    return { ok: true, value: await Promise.race([sent, late]) };
  } catch (error) {
    if (abort.signal.aborted) {
      return { ok: false, code: "Timeout", status: 0, message: `no answer within ${withinMs / 1000} s` };
    }
    const { name, code, status, message } = failureOf(error);
    return { ok: false, code: status === 0 ? code || name : name, status, message };
  } finally {
    clearTimeout(timer);
  }
}
