import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";

/** Something about the data or the work on it that somebody should look at. */
export interface Alarm {
  /** What it is about, the same from one time to the next: `check/sales_by_day/not_null_revenue`. */
  id: string;
  severity: "warn" | "error";
  /** One line: what happened, and where. */
  title: string;
  /** What was expected, what was found, and what to do; lines of text, without personal data. */
  details?: string | undefined;
}

/** What becomes of an alarm: it is raised, it lasts, it is over. */
export interface AlarmEvent extends Alarm {
  state: "raised" | "lasting" | "over";
  service: string;
  at: Date;
}

/** Somewhere that alarms are sent to. */
export interface AlarmSink {
  /** Never throws, and returns at once; what cannot be delivered is the sink's own care. */
  send(event: AlarmEvent): void;
  /** Waits for what is under way, for some seconds at the most. */
  close(): Promise<void>;
}

export interface Alarms {
  /** Says that something is wrong; again and again for as long as it is. */
  raise(alarm: Alarm): void;
  /** Says that it is in order; nothing happens where it was. */
  clear(id: string): void;
  /** What is wrong now. */
  active(): readonly Alarm[];
}

/**
 * Alarms of one service. A new one is logged and sent at once; while it lasts it is sent once more after each quiet
 * period, however often it is raised; when it is over, that is said too. One that comes back within the quiet period
 * is logged only, so that what flickers does not flood anybody.
 *
 * @param quietMs milliseconds between two messages about the same alarm
 */
export function createAlarms(
  service: string,
  {
    logger,
    clock,
    quietMs,
    sinks,
  }: { logger: Logger; clock: Clock; quietMs: number; sinks: readonly AlarmSink[] },
): Alarms {
  const active = new Map<string, Alarm>();
  /** When somebody was last told of an alarm, by id. */
  const told = new Map<string, number>();

  const send = (alarm: Alarm, state: AlarmEvent["state"]): void => {
    const at = clock.now();
    for (const sink of sinks) sink.send({ ...alarm, state, service, at });
  };

  const raise: Alarms["raise"] = (alarm) => {
    const before = active.get(alarm.id);
    active.set(alarm.id, alarm);
    if (before?.title !== alarm.title) {
      const text = alarm.details === undefined ? alarm.title : `${alarm.title}\n${alarm.details}`;
      logger[alarm.severity]({ alarm: alarm.id }, text);
    }
    const nowMs = clock.now().getTime();
    const isWorse = before?.severity === "warn" && alarm.severity === "error";
    if (!isWorse && nowMs - (told.get(alarm.id) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
    told.set(alarm.id, nowMs);
    send(alarm, before ? "lasting" : "raised");
  };

  const clear: Alarms["clear"] = (id) => {
    const alarm = active.get(id);
    if (!alarm) return;
    active.delete(id);
    logger.info({ alarm: id }, `in order again: ${alarm.title}`);
    send(alarm, "over");
  };
  return { raise, clear, active: () => [...active.values()] };
}

/** For work that nobody watches. */
export const NO_ALARMS: Alarms = { raise: () => undefined, clear: () => undefined, active: () => [] };
