import { IngotError, type Settings } from "@ingot/common";
import type { Pipeline } from "@ingot/engine/batch";
import { type CronTimes, cronTimes } from "../cron.ts";

/** When a pipeline runs by itself, as its declaration and the options say. */
export interface ActiveSchedule {
  cron: CronTimes | undefined;
  onArrival: boolean;
}

export type ScheduleSettings = Pick<Settings, "schedules" | "scheduleTimezone">;

/** @throws IngotError `invalid_option` where a cron text is none */
export function activeSchedule(
  { name, schedule }: Pipeline,
  { schedules, scheduleTimezone }: ScheduleSettings,
): ActiveSchedule {
  const timezone = scheduleTimezone ?? schedule.timezone ?? "UTC";
  const onArrival = schedule.onArrival === true;
  const given = schedules?.[name];
  if (given === "off") return { cron: undefined, onArrival: false };
  if (given === "arrival") return { cron: undefined, onArrival: true };
  const [text, source] = given === undefined ? [schedule.cron, name] : [given, "SCHEDULES"];
  return { cron: text === undefined ? undefined : cronTimes(text, timezone, source), onArrival };
}

/** A schedule in words: `0 9 15 * * (Europe/Paris), and when files arrive`. */
export function scheduleText({ cron, onArrival }: ActiveSchedule): string {
  const parts = [
    ...(cron ? [`${cron.text} (${cron.timezone})`] : []),
    ...(onArrival ? ["when files arrive"] : []),
  ];
  return parts.length === 0 ? "by hand only" : parts.join(", and ");
}

/** The pipelines that an option names, or all. @throws IngotError `invalid_option` for one that there is not */
export function chosenPipelines(
  known: readonly string[],
  { pipelines, schedules }: Pick<Settings, "pipelines" | "schedules">,
): readonly string[] {
  check("PIPELINES", pipelines ?? [], known);
  check("SCHEDULES", Object.keys(schedules ?? {}), known);
  return pipelines ?? known;
}

function check(variable: string, given: readonly string[], known: readonly string[]): void {
  const wrong = given.find((name) => !known.includes(name));
  if (wrong === undefined) return;
  const text = `${variable} names the pipeline "${wrong}", which there is not. Allowed: ${known.join(", ")}.`;
  throw new IngotError("invalid_option", text, { context: { variable } });
}
