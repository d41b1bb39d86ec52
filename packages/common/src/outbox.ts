import type { Clock } from "./clock.ts";
import { messageOf } from "./errors.ts";
import type { Logger } from "./logger.ts";

/** What is thrown for something that will never be taken, however often it is sent. */
export class RefusedError extends Error {}

export interface OutboxOptions<Item> {
  /** What is sent and where to, for messages: `lineage events to http://127.0.0.1:5000`. Without secrets. */
  what: string;
  /**
   * Delivers one item.
   *
   * @param signal aborted when it takes too long
   * @throws RefusedError where another try cannot help; anything else is tried again
   */
  send(item: Item, signal: AbortSignal): Promise<void>;
  clock: Clock;
  logger: Logger;
  limits?: Partial<OutboxLimits> | undefined;
}

export interface OutboxLimits {
  /** Items that may wait; beyond, the oldest is dropped. */
  most: number;
  /** Milliseconds that one try may take. */
  timeoutMs: number;
  /** Milliseconds to the second try; each further wait is twice as long, up to `maxBackoffMs`. */
  firstBackoffMs: number;
  maxBackoffMs: number;
  /** Milliseconds that a service which stops, or a command that is done, waits for its last items. */
  closeMs: number;
}

/** Sends things elsewhere in the background, in their order. Nobody ever waits for it, and nothing fails with it. */
export interface Outbox<Item> {
  add(item: Item): void;
  /** Sends what is waiting, for some seconds at the most, and stops. */
  close(): Promise<void>;
}

const LIMITS: OutboxLimits = {
  most: 1_000,
  timeoutMs: 10_000,
  firstBackoffMs: 1_000,
  maxBackoffMs: 60_000,
  closeMs: 3_000,
};

/** One warning when items are not taken, one more when they are again; the same for what had to be dropped. */
export function createOutbox<Item>(options: OutboxOptions<Item>): Outbox<Item> {
  const { what, send, clock, logger } = options;
  const { most, timeoutMs, firstBackoffMs, maxBackoffMs, closeMs } = { ...LIMITS, ...options.limits };
  const waiting: Item[] = [];
  const stop = new AbortController();
  const hurry = new AbortController();
  let running: Promise<void> | undefined;
  let isClosing = false;
  let failures = 0;
  let dropped = 0;

  const drop = (): void => {
    if (dropped === 0) logger.warn(`${most} ${what} wait already; the oldest are dropped.`);
    dropped += 1;
  };

  const failed = async (error: unknown): Promise<void> => {
    failures += 1;
    if (failures === 1 && !stop.signal.aborted)
      logger.warn(`No ${what} for now: ${reasonOf(error)}. They wait; the work goes on.`);
    if (isClosing) stop.abort();
    const backoffMs = Math.min(maxBackoffMs, firstBackoffMs * 2 ** (failures - 1));
    const ms = backoffMs * (0.5 + Math.random() / 2);
    await clock.sleep(ms, AbortSignal.any([stop.signal, hurry.signal]));
  };

  const delivered = (): void => {
    if (failures > 0) logger.info({ dropped }, `${what} are delivered again`);
    failures = 0;
    dropped = 0;
  };

  const sendWaiting = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await send(item, AbortSignal.any([stop.signal, AbortSignal.timeout(timeoutMs)]));
        delivered();
      } catch (error) {
        if (error instanceof RefusedError) logger.warn(`One of the ${what} was refused: ${error.message}`);
        else {
          if (waiting.length < most) waiting.unshift(item);
          else drop();
          await failed(error);
        }
      }
      if (stop.signal.aborted) return;
    }
  };

  const work = async (): Promise<void> => {
    try {
      await sendWaiting();
    } finally {
      running = undefined;
    }
  };

  const add: Outbox<Item>["add"] = (item) => {
    if (stop.signal.aborted) return;
    if (waiting.length >= most) {
      waiting.shift();
      drop();
    }
    waiting.push(item);
    running ??= work();
  };

  const close: Outbox<Item>["close"] = async () => {
    isClosing = true;
    hurry.abort();
    const deadline = setTimeout(() => stop.abort(), closeMs);
    await running;
    clearTimeout(deadline);
    stop.abort();
    const lost = waiting.length + dropped;
    if (lost > 0) logger.warn(`${lost} ${what} were not delivered.`);
  };
  return { add, close };
}

/** `fetch` says why only in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : messageOf(cause);
}
