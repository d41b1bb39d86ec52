import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../common/test/support/runs.ts";
import { writtenDate } from "../src/values/written-date.ts";

const pad = (number: number, digits = 2): string => String(number).padStart(digits, "0");

describe("a written date", () => {
  it("is the day that the calendar has, in any form", () => {
    const parts = fc.tuple(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
    );
    const property = fc.property(parts, ([year, month, day]) => {
      const iso = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
      const instant = new Date(`${iso}T00:00:00Z`);
      const exists = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(iso);
      for (const text of [
        iso,
        ` ${iso}T12:30:00.000Z`,
        `${pad(year, 4)}/${month}/${day}`,
        `${pad(year, 4)}${pad(month)}${pad(day)}`,
        `${day}/${month}/${pad(year, 4)}\u00a0`,
        `${pad(day)}.${pad(month)}.${pad(year, 4)} 23:59`,
        `${pad(day)}-${pad(month)}-${pad(year, 4)} 08h05`,
      ]) {
        expect(writtenDate(text), text).toBe(exists ? iso : undefined);
      }
    });
    fc.assert(property, { numRuns: runs(300) });
  });

  it.each([
    ["31/12/69", "2069-12-31"],
    ["01/01/70", "1970-01-01"],
    ["2026-05-27 10:00 PM", "2026-05-27"],
    ["2026-05-27T23:30:00-11:00", "2026-05-27"],
    ["05/27/2026", undefined],
    ["27/05-2026", undefined],
    ["2026-05-27 soon", undefined],
    ["2026-5-27-1", undefined],
    ["2026527", undefined],
    ["27/05", undefined],
    ["12:30", undefined],
    ["46169", undefined],
    ["0000-01-01", undefined],
    ["", undefined],
  ])("%j is %j", (text, day) => {
    expect(writtenDate(text)).toBe(day);
  });
});
