import { addDays, weekStart } from "./dates.ts";

/** How many days a point of a chart stands for. */
export const STEPS = ["day", "week", "month"] as const;
export type Step = (typeof STEPS)[number];

export function isStep(text: string): text is Step {
  return (STEPS as readonly string[]).includes(text);
}

/** The step that leaves a readable number of points, some hundred at the most. */
export function defaultStep(days: number): Step {
  if (days <= 100) return "day";
  return days <= 800 ? "week" : "month";
}

/** A stretch of consecutive days: from its first to its last index, both included. */
export interface Stretch {
  from: string;
  to: string;
  first: number;
  last: number;
}

/** Joins consecutive days to calendar weeks (from Monday) or months; the first and the last may be incomplete. */
export function stretchesOf(days: readonly string[], step: Step): Stretch[] {
  const stretches: Stretch[] = [];
  let name = "";
  for (const [index, day] of days.entries()) {
    const own = startOf(day, step);
    const open = stretches.at(-1);
    if (open && own === name) {
      open.to = day;
      open.last = index;
    } else {
      stretches.push({ from: day, to: day, first: index, last: index });
      name = own;
    }
  }
  return stretches;
}

/** The sum of a figure over each stretch. */
export function sumOver(stretches: readonly Stretch[], figureOf: (index: number) => number): number[] {
  return stretches.map(({ first, last }) => {
    let sum = 0;
    for (let index = first; index <= last; index++) sum += figureOf(index);
    return sum;
  });
}

/**
 * Whether the first and the last stretch lack days: those of their week or month that lie outside of the period or are
 * not over yet.
 */
export function openEnds(
  stretches: readonly Stretch[],
  step: Step,
  today: string,
): { first: boolean; last: boolean } {
  const first = stretches[0];
  const last = stretches.at(-1);
  if (!first || !last) return { first: false, last: false };
  return {
    first: first.from !== startOf(first.from, step),
    last: last.to >= today || startOf(addDays(last.to, 1), step) === startOf(last.to, step),
  };
}

function startOf(day: string, step: Step): string {
  if (step === "day") return day;
  return step === "week" ? weekStart(day) : `${day.slice(0, 7)}-01`;
}
