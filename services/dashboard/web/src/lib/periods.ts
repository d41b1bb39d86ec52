import type { FilterChoices, Period } from "../../../src/api/contract.ts";
import { addDays, addMonths } from "./dates.ts";

export const PRESETS = ["today", "7d", "30d", "90d", "year", "12m", "all"] as const;
export type Preset = (typeof PRESETS)[number];
/** A preset moves on with the days; a period stays. */
export type PeriodChoice = Preset | Period;

export const DEFAULT_PRESET: Preset = "30d";

/** What there is to look at: the part of the filter's choices that periods depend on. */
export type Calendar = Pick<FilterChoices, "days" | "today">;

/**
 * The days that a choice stands for. What counts back in days or months ends at the last day with data where that is
 * before today, so that a lake that nobody fills any more still shows something; `today` and `year` are the calendar's.
 */
export function periodOf(choice: PeriodChoice, { days, today }: Calendar): Period {
  if (typeof choice !== "string") return choice;
  const last = days && days.last < today ? days.last : today;
  switch (choice) {
    case "today":
      return { from: today, to: today };
    case "7d":
      return { from: addDays(last, -6), to: last };
    case "30d":
      return { from: addDays(last, -29), to: last };
    case "90d":
      return { from: addDays(last, -89), to: last };
    case "year":
      return { from: `${today.slice(0, 4)}-01-01`, to: today };
    case "12m":
      return { from: addDays(addMonths(last, -12), 1), to: last };
    case "all":
      return days ? { from: days.first, to: days.last } : { from: today, to: today };
  }
}

export function isPreset(text: string): text is Preset {
  return (PRESETS as readonly string[]).includes(text);
}
