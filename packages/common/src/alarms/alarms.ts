import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";

/** Something about the data or the work on it that somebody should look at. */
export interface Alarm {
  /**
   * What it is about, the same from one time to the next, its kind first: `check/sales_by_day/not_null_revenue`. Two
   * things that happen have two ids: of one id only the first within the quiet period is sent.
   */
  id: string;
  severity: "warn" | "error";
  /** One line: what happened, and where. Without personal data: it is sent and kept. */
  title: string;
  /** What was expected, what was found, and what to do; lines of text, without personal data. */
  details?: string | undefined;
  /** What it was about this time: another one is told at once, however little time has passed since the last. */
  occasion?: string | undefined;
}

/** Good news that somebody wants to have; told once, and not kept. */
export type Notice = Pick<Alarm, "title" | "details">;

/** What becomes of an alarm: it is raised, it lasts, it is over; or a notice. */
export interface AlarmEvent extends Omit<Alarm, "severity"> {
  severity: Alarm["severity"] | "info";
  state: "raised" | "lasting" | "over" | "notice";
  service: string;
  at: Date;
}

/** Somewhere that alarms are sent to. */
export interface AlarmSink {
  /**
   * Takes an event and sends it in the background. Never throws nor rejects.
   *
   * @returns whether it was delivered, as soon as that is known
   */
  send(event: AlarmEvent): Promise<boolean>;
  /** Sends what waits, for some seconds at the most. */
  close(): Promise<void>;
}

/** What somebody was told of an alarm last. */
export interface Told extends Pick<Alarm, "severity" | "title" | "occasion"> {
  /** `unheard` where nobody could be told. */
  state: "raised" | "over" | "unheard";
  /** When it was last told that it is wrong, in milliseconds since 1970. */
  atMs: number;
}

/** What was told of alarms, by id, beyond the life of a process. Never throws. */
export interface AlarmMemory {
  read(): ReadonlyMap<string, Told>;
  write(id: string, told: Told): void;
}

export interface Alarms {
  /** Says that something is wrong; again and again for as long as it is. */
  raise(alarm: Alarm): void;
  /** Says that it is in order; nothing happens where it was. */
  clear(id: string): void;
  /** Logs good news, and sends it to where alarms are sent. */
  tell(notice: Notice): void;
  /** What is wrong now; at the start what was wrong before, until it is raised or cleared. */
  active(): readonly Alarm[];
}

export interface AlarmsOptions {
  logger: Logger;
  clock: Clock;
  /** Milliseconds between two messages about the same alarm. */
  quietMs: number;
  sinks: readonly AlarmSink[];
  /** What was sent before a restart, and by others. */
  memory?: AlarmMemory | undefined;
}

const NO_MEMORY: AlarmMemory = { read: () => new Map(), write: () => undefined };
/** A title that changes with each pass is not logged with each pass. */
const LOG_QUIET_MS = 60_000;
/** Until an alarm is sent anew that nobody could be told of. */
const UNHEARD_MS = 5 * 60_000;

/**
 * Alarms of one service.
 *
 * - Each is logged when it begins, when it gets worse, when its title changes (once a minute at most) and when it is over.
 * - It is sent when it begins, and while it lasts once more after each quiet period. Only that it gets worse, or comes on
 *   another occasion, is sent at once.
 * - That it is over is sent where it was sent that it began.
 * - One that comes back within the quiet period is sent when the period has passed, if it is still there: what flickers
 *   makes two messages a period.
 * - What no sink could deliver is sent anew some minutes after it was given up, if it is still there.
 * - With a memory all of this holds over restarts.
 */
export function createAlarms(
  service: string,
  { logger, clock, quietMs, sinks, memory = NO_MEMORY }: AlarmsOptions,
): Alarms {
  const told = new Map<string, Told>(sinks.length > 0 ? memory.read() : []);
  /** An alarm of before this start was not logged yet. */
  const active = new Map<string, { alarm: Alarm; loggedMs: number | undefined }>();
  for (const [id, { state, severity, title }] of told) {
    if (state === "raised") active.set(id, { alarm: { id, severity, title }, loggedMs: undefined });
  }

  const send = async (alarm: Alarm, state: AlarmEvent["state"], entry: Told): Promise<void> => {
    told.set(alarm.id, entry);
    const event = { ...alarm, state, service, at: clock.now() };
    const delivered = await Promise.all(sinks.map((sink) => sink.send(event)));
    if (delivered.includes(true)) memory.write(alarm.id, entry);
    // Nobody knows that it was wrong, whether it is still or not.
    else if (state === "raised" && told.get(alarm.id)?.atMs === entry.atMs) {
      told.set(alarm.id, { ...entry, state: "unheard" });
    }
  };

  const mayTell = (alarm: Alarm, nowMs: number): boolean => {
    const last = told.get(alarm.id);
    const isWorse = last?.severity === "warn" && alarm.severity === "error";
    if (!last || isWorse || last.occasion !== alarm.occasion) return true;
    // A time in the future is that of a clock which was wrong.
    const waitMs = last.state === "unheard" ? Math.min(quietMs, UNHEARD_MS) : quietMs;
    return nowMs < last.atMs || nowMs - last.atMs >= waitMs;
  };

  const log = (alarm: Alarm, nowMs: number): void => {
    const { alarm: before, loggedMs } = active.get(alarm.id) ?? {};
    const isWorse = before?.severity === "warn" && alarm.severity === "error";
    const isChanged = before?.title !== alarm.title && nowMs - (loggedMs ?? 0) >= LOG_QUIET_MS;
    const isNews = before?.occasion !== alarm.occasion;
    const isLogged = loggedMs === undefined || isWorse || isChanged || isNews;
    // A change is measured against what was logged last.
    const title = isLogged ? alarm.title : before!.title;
    active.set(alarm.id, { alarm: { ...alarm, title }, loggedMs: isLogged ? nowMs : loggedMs });
    if (!isLogged) return;
    const text = alarm.details === undefined ? alarm.title : `${alarm.title}\n${alarm.details}`;
    logger[alarm.severity]({ alarm: alarm.id }, text);
  };

  const raise: Alarms["raise"] = (alarm) => {
    const nowMs = clock.now().getTime();
    log(alarm, nowMs);
    if (sinks.length === 0 || !mayTell(alarm, nowMs)) return;
    // Another process of this service may have told meanwhile.
    for (const [id, entry] of memory.read()) {
      if (entry.atMs > (told.get(id)?.atMs ?? Number.NEGATIVE_INFINITY)) told.set(id, entry);
    }
    if (!mayTell(alarm, nowMs)) return;
    const { severity, title, occasion } = alarm;
    const state = told.get(alarm.id)?.state === "raised" ? "lasting" : "raised";
    void send(alarm, state, { state: "raised", severity, title, occasion, atMs: nowMs });
    forgetOld(told, nowMs, quietMs);
  };

  const clear: Alarms["clear"] = (id) => {
    const alarm = active.get(id)?.alarm;
    if (!alarm) return;
    active.delete(id);
    logger.info({ alarm: id }, `in order again: ${alarm.title}`);
    const last = told.get(id);
    // The quiet period goes on: it began with the message that it was wrong.
    if (last?.state === "raised")
      void send({ ...alarm, details: undefined }, "over", { ...last, state: "over" });
  };

  const tell: Alarms["tell"] = (notice) => {
    const { title, details } = notice;
    logger.info(details === undefined ? title : `${title}\n${details}`);
    const event = {
      ...notice,
      id: "",
      severity: "info" as const,
      state: "notice" as const,
      service,
      at: clock.now(),
    };
    for (const sink of sinks) void sink.send(event);
  };
  return { raise, clear, tell, active: () => [...active.values()].map(({ alarm }) => alarm) };
}

/** Removes what no longer keeps anything back. */
function forgetOld(told: Map<string, Told>, nowMs: number, quietMs: number): void {
  for (const [id, { state, atMs }] of told) {
    if (state !== "raised" && nowMs - atMs >= quietMs) told.delete(id);
  }
}

/** For work that nobody watches. */
export const NO_ALARMS: Alarms = {
  raise: () => undefined,
  clear: () => undefined,
  tell: () => undefined,
  active: () => [],
};
