import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../packages/common/test/support/runs.ts";
import { addDays, addMonths, countDays, isDay, weekStart } from "../web/src/lib/dates.ts";
import { PRESETS, periodOf } from "../web/src/lib/periods.ts";
import { defaultStep, openEnds, STEPS, stretchesOf, sumOver } from "../web/src/lib/steps.ts";

const day = fc
  .date({ min: new Date("1990-01-01"), max: new Date("2090-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

const daysOf = (from: string, count: number) =>
  Array.from({ length: count }, (_, index) => addDays(from, index));

describe("days", () => {
  it("are real ones", () => {
    expect(["2026-02-28", "2024-02-29"].every(isDay)).toBe(true);
    expect(["2026-02-29", "2026-2-1", "", "2026-13-01", "today"].some(isDay)).toBe(false);
  });

  it("move by months within the month they reach", () => {
    expect(addMonths("2026-03-31", -1)).toBe("2026-02-28");
    expect(addMonths("2024-03-31", -1)).toBe("2024-02-29");
    expect(addMonths("2026-01-15", -12)).toBe("2025-01-15");
    expect(addMonths("2026-11-30", 3)).toBe("2027-02-28");
  });

  it("belong to the week that begins on Monday", () => {
    expect(["2026-11-16", "2026-11-21", "2026-11-22", "2026-11-23"].map(weekStart)).toEqual([
      "2026-11-16",
      "2026-11-16",
      "2026-11-16",
      "2026-11-23",
    ]);
  });
});

describe("a period", () => {
  const fresh = { days: { first: "2024-05-05", last: "2026-11-21" }, today: "2026-11-21" };
  const old = { days: { first: "2010-12-01", last: "2011-12-09" }, today: "2026-11-21" };

  it.each([
    ["today", "2026-11-21", "2026-11-21"],
    ["7d", "2026-11-15", "2026-11-21"],
    ["30d", "2026-10-23", "2026-11-21"],
    ["90d", "2026-08-24", "2026-11-21"],
    ["year", "2026-01-01", "2026-11-21"],
    ["12m", "2025-11-22", "2026-11-21"],
    ["all", "2024-05-05", "2026-11-21"],
  ] as const)("of the preset %s", (preset, from, to) => {
    expect(periodOf(preset, fresh)).toEqual({ from, to });
  });

  it("counts back from the last day with data where that is long ago", () => {
    expect(periodOf("30d", old)).toEqual({ from: "2011-11-10", to: "2011-12-09" });
    expect(periodOf("12m", old)).toEqual({ from: "2010-12-10", to: "2011-12-09" });
  });

  it("ends today where orders are dated in the future", () => {
    const future = { days: { first: "2026-01-01", last: "2031-01-01" }, today: "2026-11-21" };
    expect(periodOf("7d", future).to).toBe("2026-11-21");
    expect(periodOf("all", future).to).toBe("2031-01-01");
  });

  it("never ends before it begins, and its length is that of its name", () => {
    fc.assert(
      fc.property(day, day, day, fc.constantFrom(...PRESETS), (one, other, today, preset) => {
        const [first, last] = [one, other].sort() as [string, string];
        const { from, to } = periodOf(preset, { days: { first, last }, today });
        expect(from <= to).toBe(true);
        const length = { "7d": 7, "30d": 30, "90d": 90, today: 1 }[preset as string];
        if (length) expect(countDays(from, to)).toBe(length);
      }),
      { numRuns: runs(100) },
    );
  });
});

describe("the points of a chart", () => {
  it("have every day once, in order, and lose nothing of a sum", () => {
    fc.assert(
      fc.property(
        day,
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 800 }),
        fc.constantFrom(...STEPS),
        (from, figures, step) => {
          const days = daysOf(from, figures.length);
          const points = stretchesOf(days, step);
          expect(points.flatMap(({ first, last }) => days.slice(first, last + 1))).toEqual(days);
          for (const point of points)
            expect([days[point.first], days[point.last]]).toEqual([point.from, point.to]);
          const total = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0);
          expect(total(sumOver(points, (index) => figures[index]!))).toBe(total(figures));
        },
      ),
      { numRuns: runs(50) },
    );
  });

  it("are weeks and months of the calendar", () => {
    const points = (step: "week" | "month") =>
      stretchesOf(daysOf("2026-01-29", 8), step).map(({ from, to }) => [from, to]);
    expect(points("week")).toEqual([
      ["2026-01-29", "2026-02-01"],
      ["2026-02-02", "2026-02-05"],
    ]);
    expect(points("month")).toEqual([
      ["2026-01-29", "2026-01-31"],
      ["2026-02-01", "2026-02-05"],
    ]);
  });

  it("stay few enough to be read", () => {
    for (const count of [1, 30, 100, 101, 366, 800, 801, 3700]) {
      expect(stretchesOf(daysOf("2016-01-01", count), defaultStep(count)).length).toBeLessThanOrEqual(125);
    }
  });

  it("say which of their ends lack days", () => {
    const ends = (from: string, count: number, step: "day" | "week" | "month", today: string) =>
      openEnds(stretchesOf(daysOf(from, count), step), step, today);
    // From a Monday to a Sunday that is over, and to one that is today.
    expect(ends("2026-11-02", 14, "week", "2026-11-21")).toEqual({ first: false, last: false });
    expect(ends("2026-11-02", 14, "week", "2026-11-15")).toEqual({ first: false, last: true });
    expect(ends("2026-11-03", 14, "week", "2027-01-01")).toEqual({ first: true, last: true });
    expect(ends("2026-11-02", 29, "month", "2027-01-01")).toEqual({ first: true, last: false });
    expect(ends("2026-11-03", 14, "day", "2027-01-01")).toEqual({ first: false, last: false });
    expect(openEnds([], "day", "2026-11-21")).toEqual({ first: false, last: false });
  });
});
