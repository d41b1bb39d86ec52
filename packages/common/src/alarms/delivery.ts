import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { createOutbox, RefusedError } from "../outbox.ts";
import type { AlarmEvent, AlarmSink } from "./alarms.ts";
import type { AlarmMessage } from "./message.ts";

/** One way out. */
export interface AlarmSender {
  /** For logs: the way and the host, without anything secret. */
  readonly name: string;
  /** @throws RefusedError where another try cannot help; anything else is tried again. Neither tells a secret. */
  send(message: AlarmMessage, signal: AbortSignal): Promise<void>;
}

/** Milliseconds for which alarms are gathered into one message. */
const GATHER_MS = 3_000;
/** Milliseconds after which a message is old news. */
const GIVE_UP_MS = 15 * 60_000;
/** Alarms that may wait. */
const MOST_WAITING = 200;

interface Waiting {
  event: AlarmEvent;
  settle: (isDelivered: boolean) => void;
}

/** What goes out together; while it cannot be delivered, it grows. */
interface Batch {
  waiting: Waiting[];
  sinceMs: number;
}

/** A sink that sends in the background: what comes within some seconds is one message. */
export function createDelivery(
  sender: AlarmSender,
  { logger, clock, gatherMs = GATHER_MS }: { logger: Logger; clock: Clock; gatherMs?: number },
): AlarmSink {
  let batch: Batch | undefined;
  let gathering: NodeJS.Timeout | undefined;
  let leftOut = 0;

  const send = async (current: Batch, signal: AbortSignal): Promise<void> => {
    const waiting = [...current.waiting];
    const message = { events: waiting.map(({ event }) => event), leftOut };
    const settle = (isDelivered: boolean): void => {
      for (const one of waiting) one.settle(isDelivered);
      leftOut -= message.leftOut;
      current.waiting = current.waiting.filter((one) => !waiting.includes(one));
      current.sinceMs = clock.now().getTime();
      batch = undefined;
      // What came in while this was under way.
      if (current.waiting.length > 0) gather(current, 0);
    };
    try {
      await sender.send(message, signal);
    } catch (error) {
      const isOld = clock.now().getTime() - current.sinceMs > GIVE_UP_MS;
      if (!isOld && !(error instanceof RefusedError)) throw error;
      settle(false);
      throw isOld
        ? new RefusedError(`given up after ${GIVE_UP_MS / 60_000} minutes: ${messageOf(error)}`)
        : error;
    }
    settle(true);
  };

  const outbox = createOutbox({ what: `alarms by ${sender.name}`, send, limits: { most: 2 }, clock, logger });

  const gather = (current: Batch, ms: number): void => {
    batch = current;
    gathering = setTimeout(release, ms).unref();
  };
  const release = (): void => {
    if (gathering === undefined) return;
    clearTimeout(gathering);
    gathering = undefined;
    if (batch) outbox.add(batch);
  };

  return {
    send: (event) =>
      new Promise((settle) => {
        if (!batch) gather({ waiting: [], sinceMs: clock.now().getTime() }, gatherMs);
        batch!.waiting.push({ event, settle });
        if (batch!.waiting.length <= MOST_WAITING) return;
        leftOut += 1;
        batch!.waiting.shift()!.settle(false);
      }),
    close: async () => {
      release();
      await outbox.close();
    },
  };
}
