import { IngotError, messageOf } from "@ingot/common";
import { Cron } from "croner";

/** Instants of a schedule. */
export interface CronTimes {
  /** Five fields, as they were given. */
  text: string;
  timezone: string;
  /** The last one at or before an instant; `undefined` where there is none. */
  last(at: Date): Date | undefined;
  /** The first one after it; `undefined` where there is none. */
  next(at: Date): Date | undefined;
}

const FIELDS = "minute hour day-of-month month day-of-week";

/**
 * A schedule in cron's five fields. A time that the zone leaves out in spring comes at the first that there is; one that it
 * has twice in autumn comes once.
 *
 * @param source where the text comes from, for messages: `SCHEDULES`
 * @throws IngotError `invalid_option` where it is no schedule
 */
export function cronTimes(text: string, timezone: string, source: string): CronTimes {
  const cron = parse(text, timezone, source);
  return {
    text,
    timezone,
    last: (at) => cron.previousRuns(1, new Date(at.getTime() + 1))[0],
    next: (at) => cron.nextRun(at) ?? undefined,
  };
}

function parse(text: string, timezone: string, source: string): Cron {
  const wrong = (why: string): IngotError => {
    const help = `Allowed: five fields (${FIELDS}), such as "0 9 15 * *" for nine o'clock on each 15th or "50 11 * * 1-5" for ten to twelve from Monday to Friday.`;
    return new IngotError("invalid_option", `${source}: "${text}" is no schedule: ${why}. ${help}`, {
      context: { variable: source },
    });
  };
  // Names such as @daily are no five fields, and croner would count seconds where there are six.
  const fields = text.split(/\s+/);
  if (fields.length !== 5) throw wrong(`it has ${fields.length} fields`);
  let cron: Cron;
  try {
    cron = new Cron(text, { paused: true, timezone, mode: "5-part" });
  } catch (error) {
    throw wrong(messageOf(error).replace(/^CronPattern: /, ""));
  }
  if (cron.nextRun() === null) throw wrong("that day never comes");
  return cron;
}
